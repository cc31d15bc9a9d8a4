package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdTest {
    @TempDir
    Path folder;

    @Test
    void closesOnce() throws Exception {
        Fd fd = Memfd.create("closes-once", 1);
        int number = fd.number();
        assertThat(fd).hasToString("fd " + number);
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThat(fd).hasToString("fd " + number + " (closed)");
        assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        try (Fd reused = Memfd.create("reused", 1)) {
            assertThat(reused.number()).isEqualTo(number);
            fd.close();
            assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + number))
                            .toString())
                    .contains("reused");
        }
        assertThatThrownBy(fd::duplicate).hasMessage("fcntl: Bad file descriptor (EBADF)");
        assertThatThrownBy(() -> Fd.adopt(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void duplicates() throws Exception {
        Fd fd = Memfd.create("test", 77);
        try (Fd second = fd.duplicate()) {
            assertThat(second.number()).isNotEqualTo(fd.number());
            fd.close();
            assertThat(FileStatus.of(second).size()).isEqualTo(77);
        }
    }

    @Test
    void isClosedByTheLastThatHoldsIt() throws Exception {
        Fd fd = Memfd.create("held", 1);
        Path entry = Path.of("/proc/self/fd/" + fd.number());
        fd.hold("test");
        fd.hold("test");
        fd.close();
        assertThatThrownBy(() -> fd.hold("test")).hasMessage("test: Bad file descriptor (EBADF)");
        fd.release();
        assertThat(Files.readSymbolicLink(entry).toString()).contains("held");
        fd.release();
        assertThat(Files.exists(entry) ? Files.readSymbolicLink(entry).toString() : "")
                .doesNotContain("held");
    }

    @Test
    void isClosedOnceByManyThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 500; round++) {
                Fd fd = Memfd.create("raced", 1);
                List<Callable<Boolean>> closers = IntStream.range(0, 4)
                        .<Callable<Boolean>>mapToObj(i -> () -> {
                            if (i % 2 == 0) {
                                fd.close();
                            } else {
                                fd.closeSocket();
                            }
                            return fd.isOpen();
                        })
                        .toList();
                for (var closed : threads.invokeAll(closers)) {
                    assertThat(closed.get()).isFalse();
                }
                // A second close(2) would have closed this one's number if it was taken over meanwhile.
                try (Fd next = Memfd.create("next", 1)) {
                    assertThat(FileStatus.of(next).size()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void explainsErrors() {
        LinuxException e = new LinuxException("bind", "/x/y", Errno.EADDRINUSE);
        assertThat(e).hasMessage("bind /x/y: Address already in use (EADDRINUSE)");
        assertThat(e.call()).isEqualTo("bind");
        assertThat(e.errno()).isEqualTo(98);
        assertThat(new LinuxException("read", Errno.EIO)).hasMessage("read: Input/output error (EIO)");
        assertThat(new LinuxException("read", "x", Errno.EIO, "replace the disk"))
                .hasMessage("read x: Input/output error (EIO): replace the disk");
        assertThat(Errno.name(Errno.EAGAIN)).isEqualTo("EAGAIN");
        assertThat(Errno.name(4711)).isEqualTo("errno 4711");
        assertThat(Errno.message(Errno.ENOENT)).isEqualTo("No such file or directory");
    }

    @Test
    void saysWhichFlagIsMissingWhenNativeAccessIsOff() throws Exception {
        ChildJvm child = ChildJvm.run(folder, "", "--illegal-native-access=deny", NativeAccess.class);
        assertThat(child.exitCode()).isNotZero();
        assertThat(child.output()).contains("start java with --enable-native-access=ALL-UNNAMED");
    }

    /** Makes a system call. */
    static final class NativeAccess {
        private NativeAccess() {}

        public static void main(String[] args) {
            System.out.println(CpuSet.currentTid());
        }
    }
}
