package dev.ringside.bdev.scsi.queue;

import dev.ringside.scsi.sense.SenseKey;

/** What a queue asks of its host; called on the queue's reactor, and must not wait. */
public interface QueueEvents {

    /** A command of a disk takes too long: put the disk right. */
    void overdue(HostQueue queue, int index);

    /** A command shall end early, if that is possible. */
    void abort(HostQueue queue, int index);

    /** A disk shall be reset; {@link DiskChannel#resetDone} when it has been, or cannot be. */
    void reset(DiskChannel channel);

    /**
     * A disk has something to tell.
     *
     * @param code additional sense code and qualifier, in 16 bits
     */
    void attention(Unit unit, int code);

    /**
     * A disk says that an earlier command failed, which had ended well.
     *
     * @param code additional sense code and qualifier, in 16 bits
     */
    void deferred(Unit unit, SenseKey key, int code);

    /** There is no buffer for a copy of that many bytes; {@link HostQueue#fed} when that has changed. */
    void starved(HostQueue queue, int bytes);

    /** The last user has left. */
    void unused(HostQueue queue);
}
