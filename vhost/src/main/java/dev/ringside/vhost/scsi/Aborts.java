package dev.ringside.vhost.scsi;

import dev.ringside.vhost.scsi.unit.Nexus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The aborts that a queue has been asked for. What is in flight is never dropped: an abort marks requests and asks their disks to
 * end them early, and is done when the last of them has ended and the driver can see that. Owned by the queue's reactor.
 */
final class Aborts {
    private final List<ScsiRequest> requests;
    private final Runnable endWaiting;
    private final List<Waiting> waiting = new ArrayList<>();

    /** Some requests that are to end. */
    private static final class Waiting {
        final List<ScsiRequest> requests = new ArrayList<>();
        final List<Long> serials = new ArrayList<>();
        final CompletableFuture<Integer> done = new CompletableFuture<>();
        int count;
        /** Whether they had ended when this was looked at last: what was completed then is published now. */
        boolean ended;

        boolean haveEnded() {
            for (int i = 0; i < requests.size(); i++) {
                ScsiRequest request = requests.get(i);
                if (request.active && request.serial == serials.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Of a queue.
     *
     * @param endWaiting ends what waits for others of the queue and has been aborted
     */
    Aborts(List<ScsiRequest> requests, Runnable endWaiting) {
        this.requests = requests;
        this.endWaiting = endWaiting;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Aborts all requests of a nexus. */
    CompletableFuture<Integer> abort(Nexus nexus, int response) {
        return abort(nexus, false, 0, response);
    }

    /** Aborts the requests of a nexus that have an id. */
    CompletableFuture<Integer> abort(Nexus nexus, long id, int response) {
        return abort(nexus, true, id, response);
    }

    /** How many requests a nexus has; only those with an id, if that is wanted. */
    int count(Nexus nexus, boolean only, long id) {
        int found = 0;
        for (ScsiRequest request : requests) {
            found += matches(request, nexus, only, id) ? 1 : 0;
        }
        return found;
    }

    /** Tells of the aborts that are done; between two turns of the queue. */
    void check() {
        if (waiting.isEmpty()) {
            return;
        }
        waiting.removeIf(each -> {
            if (each.ended) {
                each.done.complete(each.count);
                return true;
            }
            each.ended = each.haveEnded();
            return false;
        });
    }

    /** The queue is closed: nothing is in flight. */
    void close() {
        waiting.forEach(each -> each.done.complete(each.count));
        waiting.clear();
    }

    private CompletableFuture<Integer> abort(Nexus nexus, boolean only, long id, int response) {
        Waiting wait = new Waiting();
        for (ScsiRequest request : requests) {
            if (matches(request, nexus, only, id)) {
                request.aborted = response;
                wait.count++;
                if (!request.aborting) {
                    wait.requests.add(request);
                    wait.serials.add(request.serial);
                }
            }
        }
        if (wait.count == 0) {
            return CompletableFuture.completedFuture(0);
        }
        // Not before all are marked: the end of one may let another go on.
        endWaiting.run();
        for (ScsiRequest request : wait.requests) {
            LunWay way = request.way;
            if (way != null) {
                way.fence.endAborted();
            }
            request.inDisk.abort();
        }
        waiting.add(wait);
        return wait.done;
    }

    private static boolean matches(ScsiRequest request, Nexus nexus, boolean only, long id) {
        LunWay way = request.way;
        return request.active && way != null && way.nexus == nexus && (!only || request.id == id);
    }
}
