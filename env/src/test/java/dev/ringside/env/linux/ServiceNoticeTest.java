package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager gets to know. */
class ServiceNoticeTest {
    @TempDir
    private Path dir;

    @Test
    void aWordIsOneDatagram() throws Exception {
        Path path = dir.resolve("notify");
        try (Arena arena = Arena.ofConfined();
                Fd manager = Fd.adopt(Kernel.check("socket", Kernel.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM)))) {
            Kernel.check(
                    "bind",
                    Kernel.bind(manager.number(), UnixAddress.of(arena, path).address(), SockaddrUn.SIZE));
            ServiceNotice.tell(path.toString(), "READY=1");
            MemorySegment buffer = arena.allocate(64);
            long length = Kernel.read(manager.number(), buffer.address(), 64);
            byte[] word = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            assertThat(new String(word, StandardCharsets.US_ASCII)).isEqualTo("READY=1");
        }
    }

    @Test
    void aManagerThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> ServiceNotice.tell(dir.resolve("nobody").toString(), "READY=1"))
                .isInstanceOf(LinuxException.class);
    }

    @Test
    void withoutAManagerNobodyIsTold() throws Exception {
        // The tests' own process is no service.
        assertThat(System.getenv("NOTIFY_SOCKET")).isNull();
        assertThat(ServiceNotice.tell("READY=1")).isFalse();
    }
}
