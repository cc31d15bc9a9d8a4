package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** RAM disks pass the suite. */
class MallocConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(
                new Malloc("malloc, blocks of 512", new MallocOptions("m", 512, BYTES / 512)),
                new Malloc("malloc, blocks of 4096", new MallocOptions("m", 4096, BYTES / 4096)),
                new Malloc(
                        "malloc, split at 64 KiB",
                        new MallocOptions("m", UUID.randomUUID(), 512, BYTES / 512, 4096, 128)));
    }

    private record Malloc(String name, MallocOptions options) implements BdevSubject {
        @Override
        public Bdev create() throws Exception {
            return MallocBdev.create(options);
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of((bdev, registry, numBlocks) -> ((MallocBdev) bdev).resize(registry, numBlocks));
        }
    }
}
