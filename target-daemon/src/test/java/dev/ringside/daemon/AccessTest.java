package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.target.StartException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may reach the daemon, and what through it. */
class AccessTest {
    private static final String NULL_DISK = "{'name': 'n', 'num_blocks': 8, 'block_size': 512}";

    @TempDir
    private Path dir;

    @Test
    void socketsAreTheDaemonsOwnUnlessTheyAreGivenAway() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(mode(daemon.directory().resolve("rpc.sock"))).isEqualTo("rw-------");
            assertThat(mode(controller(daemon))).isEqualTo("rw-------");
        }
        Receiver receiver = receiver();
        Access shared =
                new Access(List.of(), Optional.of(receiver.user()), Optional.of(receiver.group()), 0660, List.of());
        try (RunningDaemon daemon = guarded(shared)) {
            Path socket = controller(daemon);
            assertThat(mode(socket)).isEqualTo("rw-rw----");
            assertThat(Files.getAttribute(socket, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(receiver.uid());
            assertThat(Files.getAttribute(socket, "unix:gid", LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(receiver.gid());
        }
    }

    /** Who gets a socket: names, and the numbers that they stand for. */
    private record Receiver(String user, String group, int uid, int gid) {}

    /** Somebody else, if this process may give files away; itself otherwise. */
    private static Receiver receiver() throws IOException {
        PosixFileAttributes own = Files.readAttributes(Path.of("/proc/self"), PosixFileAttributes.class);
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int gid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        // Debian's numbers of these two.
        return uid == 0
                ? new Receiver("nobody", "nogroup", 65_534, 65_534)
                : new Receiver(own.owner().getName(), own.group().getName(), uid, gid);
    }

    @Test
    void whoDoesNotExistCannotBeGivenAnything() {
        Access nobody = new Access(List.of(), Optional.of("no-such-user"), Optional.empty(), 0600, List.of());
        assertThatThrownBy(() -> guarded(nobody))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no such user or group for the vhost sockets: no-such-user:");
        Access stranger = new Access(List.of("no-such-user"), Optional.empty(), Optional.empty(), 0600, List.of());
        assertThatThrownBy(() -> guarded(stranger)).hasMessage("there is no user or group no-such-user");
    }

    @Test
    void filesAreOnlyWhereTheyMayBe() throws Exception {
        Path allowed = Files.createDirectory(dir.resolve("disks"));
        Path secret = image(dir.resolve("secret"));
        image(allowed.resolve("disk"));
        Files.createSymbolicLink(allowed.resolve("link"), secret);
        Access limited = new Access(List.of(), Optional.empty(), Optional.empty(), 0600, List.of(allowed));
        try (RunningDaemon daemon = guarded(limited)) {
            for (String path : List.of("/etc/passwd", secret.toString(), allowed + "/../secret", allowed + "/link")) {
                for (String method : List.of("bdev_aio_create", "bdev_uring_create")) {
                    assertThat(daemon.refusal(method, "{'name': 'd', 'filename': '" + path + "'}")
                                    .code())
                            .as(path)
                            .isEqualTo(-13);
                }
            }
            daemon.call("bdev_aio_create", "{'name': 'd', 'filename': '" + allowed + "/disk'}");
            assertThat(daemon.call("bdev_get_bdevs")).hasSize(1);
        }
    }

    private static RunningDaemon guarded(Access access) throws IOException, StartException {
        return RunningDaemon.with(options -> options.guardedBy(access));
    }

    private static Path controller(RunningDaemon daemon) throws IOException {
        daemon.call("bdev_null_create", NULL_DISK);
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'n'}");
        return daemon.directory().resolve("c");
    }

    private static Path image(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        return path;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
