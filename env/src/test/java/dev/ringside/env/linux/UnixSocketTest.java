package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);

    @TempDir
    Path folder;

    private UnixConnection left;
    private UnixConnection right;

    @BeforeEach
    void connect() throws Exception {
        UnixConnection[] pair = UnixConnection.pair();
        left = pair[0];
        right = pair[1];
    }

    @AfterEach
    void disconnect() {
        left.close();
        right.close();
    }

    @Test
    void passesBytesAndDescriptorsBothWays() throws Exception {
        for (UnixConnection[] way : new UnixConnection[][] {{left, right}, {right, left}}) {
            try (Fd memory = Memfd.create("passed", 4096);
                    EventFd event = EventFd.create()) {
                buffer.setString(0, "hello");
                way[0].send(buffer, 0, 5, List.of(memory, event.fd()));
                List<Fd> fds = new ArrayList<>();
                assertThat(way[1].receive(buffer, 100, 50, fds)).isEqualTo(5);
                assertThat(buffer.asSlice(100, 6).getString(0)).isEqualTo("hello");
                assertThat(fds).hasSize(2);
                try (Mapping here = Mapping.ofShared(memory, 0, 4096, true);
                        Mapping there = Mapping.ofShared(fds.get(0), 0, 4096, false);
                        EventFd other = EventFd.adopt(fds.get(1))) {
                    here.segment().set(JAVA_BYTE, 7, (byte) 42);
                    assertThat(there.segment().get(JAVA_BYTE, 7)).isEqualTo((byte) 42);
                    other.signal();
                    assertThat(event.drain()).isEqualTo(1);
                }
                fds.get(0).close();
            }
        }
    }

    @Test
    void passesAsManyDescriptorsAsTheKernelAllows() throws Exception {
        try (Fd memory = Memfd.create("many", 1)) {
            left.send(buffer, 0, 1, Collections.nCopies(UnixConnection.MAX_FDS, memory));
            List<Fd> fds = new ArrayList<>();
            assertThat(right.receive(buffer, 0, 1, fds)).isEqualTo(1);
            assertThat(fds).hasSize(UnixConnection.MAX_FDS).allMatch(Fd::isOpen);
            assertThat(Files.readString(
                            Path.of("/proc/self/fdinfo/" + fds.getLast().number())))
                    .as("close-on-exec (02000000)")
                    .containsPattern("flags:\\s+0?2[0-7]{6}");
            fds.forEach(Fd::close);
            List<Fd> tooMany = Collections.nCopies(UnixConnection.MAX_FDS + 1, memory);
            assertThatThrownBy(() -> left.send(buffer, 0, 1, tooMany))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("253");
        }
    }

    @Test
    void descriptorsGoWithTheFirstByteOnly() throws Exception {
        try (Fd memory = Memfd.create("first", 1)) {
            left.send(buffer, 0, 10, List.of(memory));
            List<Fd> fds = new ArrayList<>();
            assertThat(right.receive(buffer, 0, 4, fds)).isEqualTo(4);
            assertThat(fds).hasSize(1);
            assertThat(right.receive(buffer, 0, 100, fds)).isEqualTo(6);
            assertThat(fds).hasSize(1);
            fds.getFirst().close();
        }
    }

    @Test
    void sendsTheRestWhenTheKernelTakesAPart() throws Exception {
        for (int i = 0; i < buffer.byteSize(); i++) {
            buffer.set(JAVA_BYTE, i, (byte) ((i * 31) >> 3));
        }
        try (Fd memory = Memfd.create("large", 1)) {
            Blocked<Void> sender = Blocked.in(Sys.SENDMSG, () -> {
                left.send(buffer, 0, buffer.byteSize(), List.of(memory));
                return null;
            });
            MemorySegment received = Arena.ofAuto().allocate(buffer.byteSize());
            List<Fd> fds = new ArrayList<>();
            long done = 0;
            while (done < received.byteSize()) {
                done += right.receive(received, done, Math.min(70_001, received.byteSize() - done), fds);
            }
            sender.get();
            assertThat(received.mismatch(buffer)).isEqualTo(-1);
            assertThat(fds).hasSize(1);
            fds.getFirst().close();
        }
    }

    @Test
    void seesTheEndOfTheStream() throws Exception {
        left.send(buffer, 0, 3, List.of());
        left.close();
        assertThat(right.receive(buffer, 0, 10, new ArrayList<>())).isEqualTo(3);
        assertThat(right.receive(buffer, 0, 10, new ArrayList<>())).isZero();
        assertErrno(Errno.EPIPE, () -> right.send(buffer, 0, 1, List.of()));
        assertErrno(Errno.EBADF, () -> left.send(buffer, 0, 1, List.of()));
        assertErrno(Errno.EBADF, () -> left.receive(buffer, 0, 1, new ArrayList<>()));
    }

    @Test
    void shutdownWakesAReceive() throws Exception {
        Blocked<Integer> receiver = Blocked.in(Sys.RECVMSG, () -> left.receive(buffer, 0, 1, new ArrayList<>()));
        left.shutdown();
        assertThat(receiver.get()).isZero();
        assertThat(left.fd().isOpen()).isTrue();
    }

    @Test
    void closeWakesAReceiveAndFreesTheNumberAfterwards() throws Exception {
        Path entry = Path.of("/proc/self/fd/" + left.fd().number());
        Path socket = Files.readSymbolicLink(entry);
        Blocked<Integer> receiver = Blocked.in(Sys.RECVMSG, () -> left.receive(buffer, 0, 1, new ArrayList<>()));
        left.close();
        left.close();
        assertThat(receiver.get()).isZero();
        assertThat(Files.exists(entry) ? Files.readSymbolicLink(entry) : Path.of(""))
                .isNotEqualTo(socket);
        assertThat(right.receive(buffer, 0, 1, new ArrayList<>())).isZero();
    }

    @Test
    void closeLeavesAConnectionAloneThatAnotherHas() throws Exception {
        try (UnixConnection second = UnixConnection.adopt(left.fd().duplicate())) {
            left.close();
            second.send(buffer, 0, 1, List.of());
            assertThat(right.receive(buffer, 0, 1, new ArrayList<>())).isEqualTo(1);
        }
    }

    @Test
    void timesOut() throws Exception {
        left.setReceiveTimeout(10);
        assertErrno(Errno.EAGAIN, () -> left.receive(buffer, 0, 1, new ArrayList<>()));
        left.setSendTimeout(10);
        assertErrno(Errno.EAGAIN, () -> left.send(buffer, 0, buffer.byteSize(), List.of()));
        assertThatThrownBy(() -> left.setSendTimeout(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsItsPeer() throws Exception {
        UnixConnection.PeerCredentials peer = left.peerCredentials();
        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(peer.uid());
    }

    @Test
    void refusesMemoryThatIsNotThere() {
        assertThatThrownBy(() -> left.send(buffer, buffer.byteSize(), 1, List.of()))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> left.send(MemorySegment.ofArray(new byte[8]), 0, 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native");
        assertThatThrownBy(() -> left.receive(buffer, 0, 0, new ArrayList<>()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listens() throws Exception {
        Path path = folder.resolve("s");
        try (UnixListener listener = UnixListener.bind(path, 0626)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw--w-rw-");
            try (UnixConnection client = UnixConnection.connect(path);
                    UnixConnection server = listener.accept()) {
                client.send(buffer, 0, 9, List.of());
                assertThat(server.receive(buffer, 0, 100, new ArrayList<>())).isEqualTo(9);
            }
            assertThatThrownBy(() -> UnixListener.bind(path, 0600))
                    .hasMessage("bind " + path + ": Address already in use (EADDRINUSE)")
                    .isInstanceOf(LinuxException.class);
            assertThat(path).exists();
        }
        assertThat(path).exists();
        assertErrno(Errno.ECONNREFUSED, () -> UnixConnection.connect(path));
        assertErrno(Errno.ENOENT, () -> UnixConnection.connect(folder.resolve("none")));
    }

    @Test
    void removesItsFileOnRequest() throws Exception {
        Path path = folder.resolve("s");
        try (UnixListener listener = UnixListener.bind(path, 0600)) {
            listener.unlink();
            assertThat(path).doesNotExist();
            listener.unlink();
        }
    }

    @Test
    void shutdownWakesAnAccept() throws Exception {
        try (UnixListener listener = UnixListener.bind(folder.resolve("s"), 0600)) {
            Blocked<UnixConnection> accept = Blocked.in(Sys.ACCEPT4, listener::accept);
            listener.shutdown();
            assertThatThrownBy(accept::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    @Test
    void closeWakesAnAccept() throws Exception {
        UnixListener listener = UnixListener.bind(folder.resolve("s"), 0600);
        Blocked<UnixConnection> accept = Blocked.in(Sys.ACCEPT4, listener::accept);
        listener.close();
        assertThatThrownBy(accept::get).hasCauseInstanceOf(LinuxException.class);
        assertErrno(Errno.EBADF, listener::accept);
        assertErrno(Errno.EBADF, listener::shutdown);
    }

    @Test
    void refusesAPathThatIsTooLong() {
        int room = 107 - folder.toString().length() - 1;
        Path tooLong = folder.resolve("x".repeat(room + 1));
        assertThatThrownBy(() -> UnixListener.bind(tooLong, 0600))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("107")
                .hasMessageContaining(tooLong.toString());
        assertThatThrownBy(() -> UnixConnection.connect(tooLong)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> UnixConnection.connect(Path.of(""))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesTheLongestPath() throws Exception {
        Path longest = folder.resolve("x".repeat(107 - folder.toString().length() - 1));
        try (UnixListener listener = UnixListener.bind(longest, 0600);
                UnixConnection client = UnixConnection.connect(longest)) {
            assertThat(longest).exists();
            assertThat(listener.fd().number()).isNotEqualTo(client.fd().number());
        }
    }

    @Test
    void losesNoDescriptorSilently() throws Exception {
        ChildJvm child =
                ChildJvm.run(folder, "ulimit -n 100;", "--enable-native-access=ALL-UNNAMED", TooManyDescriptors.class);
        assertThat(child.output()).contains("EMSGSIZE").contains("leaked 0");
        assertThat(child.exitCode()).isZero();
    }

    /** Receives more descriptors than its process may open. */
    static final class TooManyDescriptors {
        private TooManyDescriptors() {}

        public static void main(String[] args) throws IOException {
            UnixConnection[] pair = UnixConnection.pair();
            try (Fd memory = Memfd.create("passed", 1);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(8);
                pair[0].send(buffer, 0, 8, Collections.nCopies(90, memory));
                for (int i = 0; i < 30; i++) {
                    memory.duplicate();
                }
                int before = openFiles();
                try {
                    pair[1].receive(buffer, 0, 8, new ArrayList<>());
                } catch (LinuxException e) {
                    System.out.println(e.getMessage());
                }
                System.out.println("leaked " + (openFiles() - before));
            }
        }

        private static int openFiles() {
            String[] open = Path.of("/proc/self/fd").toFile().list();
            return open == null ? -1 : open.length;
        }
    }

    private static void assertErrno(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
