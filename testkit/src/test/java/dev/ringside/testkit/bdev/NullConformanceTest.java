package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.nulldisk.NullBdev;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Null disks pass the suite, as far as it is not about keeping data. */
class NullConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(new Null("null, blocks of 512", 512), new Null("null, blocks of 4096", 4096));
    }

    private record Null(String name, int blockSize) implements BdevSubject {
        @Override
        public Bdev create() throws Exception {
            return NullBdev.create("n", UUID.randomUUID(), blockSize, BYTES / blockSize);
        }

        @Override
        public boolean keepsData() {
            return false;
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of((bdev, registry, numBlocks) -> ((NullBdev) bdev).resize(registry, numBlocks));
        }
    }
}
