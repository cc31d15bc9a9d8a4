package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import java.util.List;
import java.util.Optional;

/** A disk with limits passes the suite: what waits in between is never lost or answered twice. */
class QosConformanceTest extends BdevConformance {
    private static final RateLimit IOS = new RateLimit(400_000, 10);

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(new Limited());
    }

    private static final class Limited implements BdevSubject {
        @Override
        public String name() {
            return "malloc, limited";
        }

        @Override
        public Bdev create() throws Exception {
            return MallocBdev.create(new MallocOptions("limited", 512, 65_536));
        }

        @Override
        public void registered(BdevRegistry registry, BdevInfo device) throws Exception {
            QosLimits limits = new QosLimits(IOS, RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);
            registry.layer(device.name(), Layering.Place.QOS, new QosLayering(List.of(new QosBudget(limits, 0))))
                    .join();
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of((bdev, registry, numBlocks) -> ((MallocBdev) bdev).resize(registry, numBlocks));
        }
    }
}
