package dev.ringside.vhost.scsi;

import dev.ringside.env.linux.Errno;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.unit.AbsentUnit;
import dev.ringside.vhost.scsi.unit.ControlCommands;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.Reply;
import dev.ringside.vhost.scsi.unit.Target;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands rare commands to the control plane, with copies of all they need, and their replies back to the reactor. Called on the
 * queue's reactor; allocates.
 *
 * <p>The control plane is everybody's, and does one command after another: of each queue one is there at a time, so that a guest
 * neither has the others wait for all that it can think of, nor fills the heap with copies of its parameter lists.
 */
final class SlowPath {
    private static final Logger LOG = LoggerFactory.getLogger(SlowPath.class);
    /** Longest parameter list: more than any command here has a use for. */
    private static final long MAX_LIST = 64 << 10;

    private static final int READ_CAPACITY_10_BYTES = 8;

    private final RequestQueue queue;
    /** Those that wait for their turn, oldest first. */
    private final ArrayDeque<ScsiRequest> waiting = new ArrayDeque<>();
    /** Whether one is with the control plane. */
    private boolean busy;

    SlowPath(RequestQueue queue) {
        this.queue = queue;
    }

    /** Does a command of a logical unit. */
    void run(ScsiRequest request, Operation operation) {
        request.aborting = operation == Operation.PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT;
        if (busy) {
            waiting.add(request);
        } else {
            start(request, operation);
        }
    }

    private void start(ScsiRequest request, Operation operation) {
        byte[] cdb = request.cdb.clone();
        long length = hasList(operation) ? Cdb.length(operation, cdb) : 0;
        if (length > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
            return;
        }
        if (length > MAX_LIST) {
            queue.check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.PARAMETER_LIST_LENGTH_ERROR, 0);
            return;
        }
        byte[] list = new byte[(int) length];
        request.readable().copyTo(MemorySegment.ofArray(list), 0, length);
        request.outUsed = length;
        busy = true;
        Target target = queue.session().target(VirtioLun.target(request.address));
        Nexus nexus = request.lun().nexus;
        var _ = CompletableFuture.completedFuture(nexus)
                .thenComposeAsync(
                        of -> {
                            try {
                                return ControlCommands.run(of, target, operation, cdb, list);
                            } finally {
                                // A reply that waits for the commands of others holds up nobody.
                                queue.reactor().execute(this::startNext);
                            }
                        },
                        queue.session().control())
                .whenComplete((reply, failure) ->
                        queue.reactor().execute(() -> replied(request, reply, failure, room(operation, cdb))));
    }

    private void startNext() {
        busy = false;
        while (!busy && !waiting.isEmpty()) {
            ScsiRequest next = waiting.remove();
            try {
                start(next, Objects.requireNonNull(next.operation));
            } catch (InternalError e) {
                queue.failed(next, false, -Errno.EFAULT);
            }
        }
    }

    /** Tells a unit attention; if there is none any more, the command goes on. */
    void attention(ScsiRequest request) {
        Nexus nexus = request.lun().nexus;
        queue.session().control().execute(() -> {
            Optional<AdditionalSense> taken = nexus.unit().takeAttention(nexus);
            queue.reactor().execute(() -> {
                if (taken.isPresent()) {
                    queue.check(request, SenseKey.UNIT_ATTENTION, taken.get(), 0);
                } else {
                    queue.resume(request);
                }
            });
        });
    }

    /** Does a command for what is no logical unit. */
    void runWithoutUnit(ScsiRequest request) {
        long address = request.address;
        boolean whole = address == VirtioLun.REPORT_LUNS;
        boolean wellKnown = whole || VirtioLun.isWellKnown(address);
        boolean possible = whole || (VirtioLun.isTarget(address) && (wellKnown || VirtioLun.lun(address) >= 0));
        if (!possible || (!whole && !queue.session().hasTarget(VirtioLun.target(address)))) {
            queue.respond(request, ScsiLayout.S_BAD_TARGET);
            return;
        }
        Target target = whole ? queue.session().wholeDevice() : queue.session().target(VirtioLun.target(address));
        Operation operation = request.operation;
        byte[] cdb = request.cdb.clone();
        long room = operation == null ? 0 : room(operation, cdb);
        var _ = CompletableFuture.completedFuture(target)
                .thenApplyAsync(
                        of -> AbsentUnit.run(of, wellKnown, operation, cdb),
                        queue.session().control())
                .whenComplete(
                        (reply, failure) -> queue.reactor().execute(() -> replied(request, reply, failure, room)));
    }

    private void replied(ScsiRequest request, @Nullable Reply reply, @Nullable Throwable failure, long room) {
        if (reply == null) {
            LOG.error("a SCSI command failed", failure);
            queue.check(request, SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE, 0);
            return;
        }
        Sense sense = reply.sense();
        if (sense != null) {
            request.outUsed = 0;
            queue.answer().check(sense.bytes(RequestQueue.descriptors(request)));
            queue.respond(request, ScsiLayout.S_OK);
        } else if (reply.status() != ScsiStatus.GOOD) {
            request.outUsed = 0;
            queue.end(request, reply.status());
        } else if (hasTurnedCacheOff(request)) {
            queue.blocks().synchronize(request, request.lun());
        } else {
            queue.reply(request, reply.data(), room);
        }
    }

    /** Whether a MODE SELECT may have cleared WCE: then it ends when what was cached is on the medium (SBC-4, 6.5.6). */
    private static boolean hasTurnedCacheOff(ScsiRequest request) {
        boolean selects = request.operation == Operation.MODE_SELECT_6 || request.operation == Operation.MODE_SELECT_10;
        return selects && (request.lun().nexus.state() & Nexus.WRITE_THROUGH) != 0;
    }

    /** How much data the command has room for. */
    private static long room(Operation operation, byte[] cdb) {
        return operation == Operation.READ_CAPACITY_10 ? READ_CAPACITY_10_BYTES : Cdb.length(operation, cdb);
    }

    private static boolean hasList(Operation operation) {
        int code = operation.code();
        return code == 0x15 || code == 0x55 || code == 0x5f;
    }
}
