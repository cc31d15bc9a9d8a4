package dev.ringside.bdev.nvme.queue;

/** What a pair of queues asks of its controller; called on the queues' reactor, and must not wait. */
public interface QueueEvents {

    /** A command takes too long: abort it. */
    void abort(IoQueuePair queues, int commandId);

    /** A command takes too long even though it was to be aborted: reset the controller. */
    void stuck(IoQueuePair queues);

    /** There is no buffer for a copy of that many bytes; {@link IoQueuePair#fed} when it has changed. */
    void starved(IoQueuePair queues, int bytes);

    /** The last user has left: the controller shall forget the queues, and free them. */
    void unused(IoQueuePair queues);
}
