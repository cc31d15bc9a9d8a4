package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.Doorbells;
import dev.ringside.bdev.nvme.queue.QueueSettings;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How a controller's I/O queues are made, from what is wanted and what it can. */
final class QueueSetup {
    private static final long RETRY_DELAY_UNIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** SGLS bits 1:0: the data may be anywhere, or begin and end with a word only. */
    private static final int SGLS_ANY = 1;

    private static final int SGLS_WORDS = 2;
    private static final int WORD_MASK = 3;

    private QueueSetup() {}

    static QueueSettings settings(
            NvmeOptions options, ControllerLink link, IdentifyController identity, Doorbells doorbells) {
        int sgls = identity.sgls() & 3;
        return new QueueSettings(
                Math.min(options.queueEntries(), ControllerRegisters.maxQueueEntries(link.cap())),
                doorbells,
                link.pageSize(),
                sgls == SGLS_ANY ? 0 : sgls == SGLS_WORDS ? WORD_MASK : -1,
                NamespaceShape.maxTransferBytes(identity, link.cap()),
                options.retries(),
                identity.crdt().stream().map(time -> time * RETRY_DELAY_UNIT_NS).toList(),
                TimeUnit.MILLISECONDS.toNanos(options.ioTimeoutMs()));
    }

    /**
     * A counter for each vector that is used, if any shall be: the first is the admin queue's, which is looked after anyway.
     *
     * @param granted pairs of I/O queues
     */
    static List<EventFd> interrupts(NvmeOptions options, PciFunction function, int granted) throws LinuxException {
        List<EventFd> counters = new ArrayList<>();
        if (options.interrupts()) {
            int wanted = Math.min(granted + 1, function.vectors());
            for (int i = 0; i < wanted; i++) {
                counters.add(EventFd.create());
            }
            function.interrupt(counters);
        }
        return counters;
    }
}
