package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What the daemon says over RPC of a controller that a guest uses. */
class ControllerRpcTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final String CONTROLLER = "vhost.Malloc0";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void controllerIsShownAndCannotBeDeletedWhileItIsUsed() {
        RingsideDaemon daemon = new RingsideDaemon(bed);
        Path socket = daemon.serveMemory("Malloc0", DISK_BYTES);
        assertThat(sessions(daemon)).isEmpty();
        Guest guest =
                bed.guest("guest").disk(VhostUserDisk.at(socket).queues(2)).start();
        guest.run("dd if=/dev/zero of=/dev/vda bs=64k count=32 oflag=direct status=none");

        assertThat(sessions(daemon)).hasSize(1);
        assertThat(sessions(daemon).get(0).get("started").asBoolean()).isTrue();
        JsonNode written = daemon.rpc("bdev_get_iostat", Map.of("name", "Malloc0"))
                .get("bdevs")
                .get(0)
                .get("bytes_written");
        assertThat(written.asLong()).isEqualTo(32L << 16);
        assertThat(daemon.call("vhost_delete_controller", Map.of("ctrlr", CONTROLLER))
                        .path("error")
                        .path("message")
                        .asString(""))
                .contains("Device or resource busy");

        guest.kill();

        Deadline gone = Deadline.in(Duration.ofSeconds(10));
        while (!sessions(daemon).isEmpty() && !gone.passed()) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(sessions(daemon)).isEmpty();
        assertThat(daemon.rpc("vhost_delete_controller", Map.of("ctrlr", CONTROLLER))
                        .asBoolean())
                .isTrue();
        assertThat(Files.exists(socket)).isFalse();
        assertThat(daemon.rpc("vhost_get_controllers", Map.of())).isEmpty();
    }

    private static JsonNode sessions(RingsideDaemon daemon) {
        return daemon.rpc("vhost_get_controllers", Map.of("name", CONTROLLER))
                .get(0)
                .get("sessions");
    }
}
