package dev.ringside.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Moves a guest that runs to another QEMU on the same machine. */
final class Migration {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long UNHURRIED = 1 << 20;
    /** So that most of the memory goes over while the guest runs, and what is written meanwhile has to go again. */
    private static final long SOME_SECONDS = 64 << 20;

    /** So short that a guest under load does not come to its end. */
    private static final int SHORT_MS = 1;

    private static final int LONG_MS = 300;

    private Migration() {}

    /**
     * Moves a guest, and ends the QEMU that it leaves.
     *
     * @param stream a path for the socket between the two
     * @param there describes the QEMU to move to: the same machine, disks that are the same files
     * @param core for the guest's processors
     * @param late is run when most of the memory has been copied, and before the guest stops
     * @return the guest where it is now
     */
    static Guest move(Guest guest, Path stream, Guest.Builder there, int core, Runnable late) {
        Guest moved = there.startIncoming(stream);
        moved.preferVcpus(core);
        start(guest, "unix:" + stream, SOME_SECONDS);
        await(guest, Migration::isMostlyDone);
        hurry(guest, UNHURRIED, SHORT_MS);
        late.run();
        hurry(guest, SOME_SECONDS, LONG_MS);
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
        hurry(guest, bytesPerSecond, SHORT_MS);
        guest.qmp().execute("migrate", Map.of("uri", uri));
    }

    /** Sets how much goes over in a second, and for how long the guest may be stopped for the rest, in ms. */
    private static void hurry(Guest guest, long bytesPerSecond, int downtimeMs) {
        guest.qmp()
                .execute(
                        "migrate-set-parameters",
                        Map.of("max-bandwidth", bytesPerSecond, "downtime-limit", downtimeMs));
    }

    private static boolean isMostlyDone(JsonNode state) {
        JsonNode ram = state.path("ram");
        long remaining = ram.path("remaining").asLong(0);
        return remaining > 0 && remaining < ram.path("total").asLong(0) / 4;
    }

    private static JsonNode awaitStatus(Guest guest, String wanted) {
        return await(guest, state -> state.path("status").asString("").equals(wanted));
    }

    private static JsonNode await(Guest guest, Predicate<JsonNode> wanted) {
        Deadline deadline = Deadline.in(LIMIT);
        while (true) {
            JsonNode state = guest.qmp().execute("query-migrate", Map.of());
            if (wanted.test(state)) {
                return state;
            }
            if (deadline.passed()
                    || List.of("failed", "completed")
                            .contains(state.path("status").asString(""))) {
                throw new IllegalStateException("the migration does not come to what is awaited: " + state);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
