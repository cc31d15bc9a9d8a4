package dev.ringside.vhost.scsi;

import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.vhost.scsi.unit.LogicalUnit;
import dev.ringside.vhost.scsi.unit.Nexus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Task management functions (SAM-6, 7; virtio 1.2, 5.6.6.2). A function is complete when every command that it is about has ended,
 * on whatever reactor, and its driver can see that. Any thread.
 */
final class TaskManagement {
    private final ScsiSession session;

    TaskManagement(ScsiSession session) {
        this.session = session;
    }

    /**
     * Does a function, on the control plane.
     *
     * @param address of a logical unit, as the driver sent it
     * @param id of a command
     * @return the response
     */
    CompletableFuture<Integer> run(int function, long address, long id) {
        return CompletableFuture.completedFuture(function)
                .thenComposeAsync(what -> start(what, address, id), session.control());
    }

    private CompletableFuture<Integer> start(int function, long address, long id) {
        if (function < ScsiLayout.ABORT_TASK || function > ScsiLayout.QUERY_TASK_SET) {
            return CompletableFuture.completedFuture(ScsiLayout.S_FUNCTION_REJECTED);
        }
        int found = session.find(address);
        if (found == ScsiLayout.S_BAD_TARGET || (found != ScsiLayout.S_OK && function != ScsiLayout.I_T_NEXUS_RESET)) {
            return CompletableFuture.completedFuture(found);
        }
        if (function == ScsiLayout.I_T_NEXUS_RESET) {
            return nexusReset(VirtioLun.target(address));
        }
        Optional<Nexus> nexus = session.nexus(address);
        if (nexus.isEmpty()) {
            return CompletableFuture.completedFuture(ScsiLayout.S_INCORRECT_LUN);
        }
        return of(function, nexus.get(), id);
    }

    private CompletableFuture<Integer> of(int function, Nexus nexus, long id) {
        return switch (function) {
            case ScsiLayout.ABORT_TASK ->
                session.onQueues(queue -> queue.aborts().abort(nexus, id, ScsiLayout.S_ABORTED))
                        .thenApply(count -> ScsiLayout.S_OK);
            case ScsiLayout.ABORT_TASK_SET -> session.abort(nexus, false).thenApply(count -> ScsiLayout.S_OK);
            case ScsiLayout.CLEAR_TASK_SET -> clear(nexus);
            case ScsiLayout.LOGICAL_UNIT_RESET -> reset(nexus.unit());
            case ScsiLayout.QUERY_TASK -> query(nexus, true, id);
            case ScsiLayout.QUERY_TASK_SET -> query(nexus, false, id);
            // There is no auto contingent allegiance here, so none can be cleared.
            default -> CompletableFuture.completedFuture(ScsiLayout.S_FUNCTION_REJECTED);
        };
    }

    private CompletableFuture<Integer> query(Nexus nexus, boolean only, long id) {
        return session.onQueues(queue ->
                        CompletableFuture.completedFuture(queue.aborts().count(nexus, only, id)))
                .thenApply(count -> count > 0 ? ScsiLayout.S_FUNCTION_SUCCEEDED : ScsiLayout.S_OK);
    }

    /** Aborts everybody's commands of a unit; the others are told if they had any. */
    private static CompletableFuture<Integer> clear(Nexus by) {
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (Nexus nexus : by.unit().nexuses()) {
            all.add(nexus.initiator().abort(nexus, false).thenApply(count -> {
                if (count > 0 && nexus != by) {
                    nexus.unit()
                            .attention(AdditionalSense.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR, other -> other == nexus);
                }
                return count;
            }));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> ScsiLayout.S_OK);
    }

    private static CompletableFuture<Integer> reset(LogicalUnit unit) {
        CompletableFuture<?>[] all = unit.nexuses().stream()
                .map(nexus -> nexus.initiator().abort(nexus, true))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> {
            unit.reset();
            return ScsiLayout.S_OK;
        });
    }

    private CompletableFuture<Integer> nexusReset(int target) {
        List<Nexus> nexuses = session.nexuses(target);
        CompletableFuture<?>[] all =
                nexuses.stream().map(nexus -> session.abort(nexus, true)).toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> {
            nexuses.forEach(nexus -> nexus.unit().nexusReset(nexus));
            return ScsiLayout.S_OK;
        });
    }
}
