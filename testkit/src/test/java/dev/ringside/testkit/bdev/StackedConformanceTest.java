package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.stacked.DelayLatencies;
import dev.ringside.bdev.stacked.StackedBdev;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Disks that are made of others pass the suite. */
class StackedConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;
    private static final long BOUNDARY = 128;

    @Override
    protected List<BdevSubject> subjects() {
        DelayLatencies latencies = new DelayLatencies(2_000, 9_000, 3_000, 20_000);
        return List.of(
                new Stacked("passthru", 1, (registry, base) -> StackedBdev.over(registry, base, identity("passthru"))),
                new Part("the middle one of three parts", 3, StackedConformanceTest::middle),
                new Stacked("delay", 1, (registry, base) -> {
                    FaultPoint delays = new FaultPoint();
                    delays.set(latencies.faults(7));
                    return StackedBdev.over(registry, base, identity("delay"), delays);
                }),
                new Stacked(
                        "error, without an error",
                        1,
                        (registry, base) -> StackedBdev.over(registry, base, identity("error"), new FaultPoint())));
    }

    private static StackedBdev.Identity identity(String product) {
        return new StackedBdev.Identity("stacked", UUID.randomUUID(), product);
    }

    private static StackedBdev middle(BdevRegistry registry, String base) throws BdevException {
        List<StackedBdev> parts = StackedBdev.split(registry, base, 3, BYTES);
        parts.getFirst().destroy();
        parts.getLast().destroy();
        return parts.get(1);
    }

    private interface Stacking {
        StackedBdev over(BdevRegistry registry, String base) throws BdevException;
    }

    /** A disk over a RAM disk that is split at 64 KiB. */
    private static class Stacked implements BdevSubject {
        private final String name;
        private final int sizes;
        private final Stacking stacking;
        private BdevRegistry registry = new BdevRegistry();
        private @Nullable MallocBdev base;

        Stacked(String name, int sizes, Stacking stacking) {
            this.name = name;
            this.sizes = sizes;
            this.stacking = stacking;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Bdev create() throws Exception {
            if (base != null) {
                registry.unregister("base").join();
            }
            registry = new BdevRegistry();
            base = MallocBdev.create(
                    new MallocOptions("base", UUID.randomUUID(), 512, sizes * BYTES / 512, 4096, BOUNDARY));
            registry.register(base);
            return stacking.over(registry, "base");
        }

        @Override
        public BdevRegistry registry() {
            return registry;
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of(
                    (bdev, all, numBlocks) -> Objects.requireNonNull(base).resize(all, numBlocks));
        }
    }

    /** A part does not follow its base. */
    private static final class Part extends Stacked {
        Part(String name, int sizes, Stacking stacking) {
            super(name, sizes, stacking);
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.empty();
        }
    }
}
