package dev.ringside.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Moves a guest that runs to another QEMU on the same machine. */
final class Migration {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long UNHURRIED = 1 << 20;
    /** So that most of the memory goes over while the guest runs, and what is written meanwhile has to go again. */
    private static final long SOME_SECONDS = 64 << 20;

    private Migration() {}

    /**
     * Moves a guest, and ends the QEMU that it leaves.
     *
     * @param stream a path for the socket between the two
     * @param there describes the QEMU to move to: the same machine, disks that are the same files
     * @return the guest where it is now
     */
    static Guest move(Guest guest, Path stream, Guest.Builder there) {
        Guest moved = there.startIncoming(stream);
        moved.preferVcpus();
        start(guest, "unix:" + stream, SOME_SECONDS);
        JsonNode done = awaitStatus(guest, "completed");
        moved.qmp().awaitEvent("RESUME", LIMIT);
        System.out.println("migrated in " + done.get("total-time") + " ms, " + done.get("downtime")
                + " ms of them down, " + done.path("ram").path("dirty-sync-count") + " rounds");
        guest.kill();
        return moved;
    }

    /** Begins to move a guest to nowhere, and gives up when {@code meanwhile} is done. */
    static void startAndCancel(Guest guest, Runnable meanwhile) {
        start(guest, "exec:cat >/dev/null", UNHURRIED);
        awaitStatus(guest, "active");
        meanwhile.run();
        guest.qmp().execute("migrate_cancel", Map.of());
        awaitStatus(guest, "cancelled");
    }

    private static void start(Guest guest, String uri, long bytesPerSecond) {
        guest.qmp().execute("migrate-set-parameters", Map.of("max-bandwidth", bytesPerSecond, "downtime-limit", 300));
        guest.qmp().execute("migrate", Map.of("uri", uri));
    }

    private static JsonNode awaitStatus(Guest guest, String wanted) {
        Deadline deadline = Deadline.in(LIMIT);
        while (true) {
            JsonNode state = guest.qmp().execute("query-migrate", Map.of());
            String status = state.path("status").asString("");
            if (status.equals(wanted)) {
                return state;
            }
            if (deadline.passed() || List.of("failed", "completed").contains(status)) {
                throw new IllegalStateException("awaited is a migration that is " + wanted + ", it is " + state);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
