package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.env.linux.LinuxFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;

/** Files pass the suite, past the page cache and through it, and block devices where this machine can make one. */
class FileConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;

    private final List<AutoCloseable> resources = new ArrayList<>();

    @Override
    protected List<BdevSubject> subjects() throws Exception {
        List<BdevSubject> subjects = new ArrayList<>();
        Path disk = directory(Path.of("target"));
        subjects.add(new OnFile("file on disk", disk.resolve("disk"), 0));
        subjects.add(new OnFile("file on disk, blocks of 4096", disk.resolve("disk4k"), 4096));
        Path shm = directory(Path.of("/dev/shm"));
        subjects.add(new OnFile("file in memory", shm.resolve("disk"), 512));
        Optional<LoopDevice> loop = LoopDevice.attach(disk.resolve("loop"), BYTES);
        if (loop.isPresent()) {
            resources.add(loop.get());
            subjects.add(new OnDevice("loop device", loop.get()));
        } else {
            System.out.println("no loop devices here (they need root and losetup): block devices are not tested");
        }
        return subjects;
    }

    @AfterEach
    void giveBack() throws Exception {
        for (AutoCloseable resource : resources.reversed()) {
            resource.close();
        }
    }

    private Path directory(Path parent) throws IOException {
        Path directory = Files.createTempDirectory(parent, "ringside-bdev-");
        resources.add(() -> {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        });
        return directory;
    }

    private static FileOptions options(Path path, int blockSize, boolean readOnly) {
        return new FileOptions("f", UUID.randomUUID(), path, FileOptions.URING, blockSize, readOnly, true);
    }

    private record OnFile(String name, Path path, int blockSize) implements BdevSubject {
        @Override
        public Bdev create() throws Exception {
            truncate(path, BYTES);
            return FileBdev.open(options(path, blockSize, false), new UringGroup());
        }

        @Override
        public int steadyRequests() {
            return 20_000;
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of(this::resize);
        }

        @Override
        public Optional<Callable<Bdev>> readOnly() {
            return Optional.of(() -> {
                truncate(path, BYTES);
                return FileBdev.open(options(path, blockSize, true), new UringGroup());
            });
        }

        @Override
        public Optional<Fault> fault() {
            return Optional.of(new Fault(this::create, this::cut, IoStatus.IO_ERROR));
        }

        private void resize(Bdev bdev, BdevRegistry registry, long numBlocks) throws Exception {
            truncate(path, numBlocks * bdev.info().blockSize());
            ((FileBdev) bdev).rescan(registry);
        }

        private void cut(BdevInfo info) {
            try {
                truncate(path, info.bytes() - info.blockSize());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private static void truncate(Path path, long bytes) throws IOException {
            try (LinuxFile file = LinuxFile.open(path, LinuxFile.RDWR | LinuxFile.CREAT, 0600)) {
                file.truncate(bytes);
            }
        }
    }

    private record OnDevice(String name, LoopDevice loop) implements BdevSubject {
        @Override
        public Bdev create() throws Exception {
            loop.resize(BYTES);
            return FileBdev.open(options(loop.path(), 0, false), new UringGroup());
        }

        @Override
        public int steadyRequests() {
            return 20_000;
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of((bdev, registry, numBlocks) -> {
                loop.resize(numBlocks * bdev.info().blockSize());
                ((FileBdev) bdev).rescan(registry);
            });
        }

        @Override
        public Optional<Callable<Bdev>> readOnly() {
            return Optional.of(() -> FileBdev.open(options(loop.path(), 0, true), new UringGroup()));
        }
    }
}
