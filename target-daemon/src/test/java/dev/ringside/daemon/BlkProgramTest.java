package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One disk over a socket that somebody else has made. */
class BlkProgramTest {
    @TempDir
    private Path dir;

    @Test
    void aSocketThatListensIsServedAgainAndAgain() throws Exception {
        Path path = dir.resolve("s");
        try (UnixListener listener = UnixListener.bind(path, 0600);
                BlkProgram program = program(listener.fd().duplicate().number())) {
            program.start();
            for (int time = 0; time < 2; time++) {
                use(path);
            }
        }
    }

    @Test
    void aConnectionIsServedToItsEnd() throws Exception {
        Path path = dir.resolve("s");
        try (UnixListener listener = UnixListener.bind(path, 0600)) {
            CompletableFuture<Void> guest = CompletableFuture.runAsync(() -> use(path));
            try (UnixConnection connection = listener.accept();
                    BlkProgram program = program(connection.fd().duplicate().number())) {
                program.start();
                assertThat(program.awaitStop()).isEmpty();
            }
            guest.join();
        }
    }

    private BlkProgram program(int fd) throws Exception {
        Path file = Files.write(dir.resolve("disk"), new byte[1 << 20]);
        return new BlkProgram(new BlkProgram.Options(
                new BlkProgram.Socket.Inherited(fd),
                file,
                false,
                CpuSet.parse("[" + RunningDaemon.core() + "]"),
                IdleMode.INTERRUPT));
    }

    private static void use(Path path) {
        try (GuestRam ram = GuestRam.ofMiB(16);
                BlkFrontend guest = BlkFrontend.connect(path, ram, BlkOptions.of(1, 64))) {
            assertThat(guest.sectors()).isEqualTo(2048);
            assertThat(guest.queue(0).read(8, 4096).status()).isZero();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
