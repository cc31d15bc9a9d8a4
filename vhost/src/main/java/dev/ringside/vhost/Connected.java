package dev.ringside.vhost;

import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.session.Session;
import java.util.stream.Stream;

/**
 * A front end that is connected to a controller.
 *
 * @param vid its number in the process
 * @param id its number at the controller
 * @param label for the log
 * @param seen the device as this front end sees it
 * @param thread on which the session runs
 */
record Connected(int vid, int id, String label, VirtioDevice seen, Session session, Thread thread) {
    SessionStatus status() {
        return new SessionStatus(
                vid,
                id,
                label,
                session.started(),
                session.queues().running(),
                session.queues().inFlight());
    }

    /** Those of its queues that are timed. */
    Stream<TimedQueue> timedQueues() {
        return session.queues().times().stream()
                .map(queue -> new TimedQueue(id, queue.index(), queue.reactor(), queue.spans()));
    }
}
