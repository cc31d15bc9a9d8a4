package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A disk that is slow and often has no room passes the suite all the same. */
class FaultyConformanceTest extends BdevConformance {
    @Override
    protected List<BdevSubject> subjects() {
        return List.of(new Faulty());
    }

    private static FaultPoint faults() {
        Set<IoType> all = EnumSet.allOf(IoType.class);
        Fault refused =
                new Fault(all, 0, Long.MAX_VALUE, 0.1, Fault.ENDLESS, 1, 0, Fault.ENDLESS, new FaultAction.NoMemory());
        Fault slow = Fault.always(all, new FaultAction.Delay(new Latency.Uniform(0, 20_000)));
        FaultPoint point = new FaultPoint();
        point.set(List.of(new LiveFault(refused, 1, 0), new LiveFault(slow, 2, 0)));
        return point;
    }

    private static final class Faulty implements BdevSubject {
        @Override
        public String name() {
            return "malloc, slow and without room";
        }

        @Override
        public Bdev create() throws Exception {
            return MallocBdev.create(new MallocOptions("faulty", 512, 65_536));
        }

        @Override
        public void registered(BdevRegistry registry, BdevInfo device) throws Exception {
            registry.layer(device.name(), Layering.Place.FAULTS, faults()).join();
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of((bdev, registry, numBlocks) -> ((MallocBdev) bdev).resize(registry, numBlocks));
        }
    }
}
