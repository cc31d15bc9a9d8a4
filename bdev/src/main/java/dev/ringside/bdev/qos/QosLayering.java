package dev.ringside.bdev.qos;

import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.Layer;
import dev.ringside.bdev.Layering;
import dev.ringside.env.reactor.Reactor;
import java.util.List;

/**
 * Makes the layers of a device whose reads and writes are paid for.
 *
 * @param budgets all of these pay for each request: the device's own, its group's
 */
public record QosLayering(List<QosBudget> budgets) implements Layering {
    /** Copies the list. */
    public QosLayering {
        budgets = List.copyOf(budgets);
    }

    @Override
    public Layer over(IoChannel below, Reactor reactor) {
        return new QosChannel(budgets.toArray(QosBudget[]::new), below, reactor);
    }
}
