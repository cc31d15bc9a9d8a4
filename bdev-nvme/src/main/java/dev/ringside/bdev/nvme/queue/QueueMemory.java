package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.nvme.spec.CompletionEntry;
import dev.ringside.bdev.nvme.spec.SubmissionEntry;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;

/** What a pair of queues is made of. */
final class QueueMemory {
    /** Buffers for copies that there are from the beginning, if they fit into one piece of the pool. */
    private static final int FIRST_COPIES = 2;

    final DmaPool pool;
    final DmaOwner owner;
    final SubmissionQueue submissions;
    final CompletionQueue completions;
    final Tracker[] trackers;

    QueueMemory(int id, QueueSettings settings, DmaSpace dma) throws LinuxException {
        this.pool = new DmaPool(dma);
        this.owner = new DmaOwner("I/O queues " + id);
        int entries = settings.entries();
        this.trackers = new Tracker[entries - 1];
        try {
            this.submissions = new SubmissionQueue(
                    settings.doorbells().submission(id),
                    pool.allocate(entries << SubmissionEntry.SIZE_SHIFT, owner),
                    entries);
            this.completions = new CompletionQueue(
                    settings.doorbells().completion(id),
                    pool.allocate(entries << CompletionEntry.SIZE_SHIFT, owner),
                    entries);
            for (int i = 0; i < trackers.length; i++) {
                DmaBuffer list = pool.allocate(settings.pageSize(), owner);
                trackers[i] = new Tracker(i, new DataPointer(list, settings.pageSize(), settings.sglMask()));
            }
            pool.reserve(settings.maxTransferBytes(), FIRST_COPIES);
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }
}
