package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.env.linux.EventFd;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Through a virtqueue. */
final class VirtqueuePath extends BlockPath {
    private final SlotRing ring;
    private final VirtioRequests requests;
    private final @Nullable EventFd kick;
    private final IdleWait idle;

    /**
     * A path with all slots free.
     *
     * @param requests those of the ring's slots
     * @param kick what wakes the device; null if it polls
     * @param idle what to do when nothing has come back
     */
    VirtqueuePath(SlotRing ring, VirtioRequests requests, @Nullable EventFd kick, IdleWait idle) {
        this.ring = ring;
        this.requests = requests;
        this.kick = kick;
        this.idle = idle;
    }

    @Override
    MemorySegment data() {
        return requests.data();
    }

    @Override
    void add(int slot, boolean read, long sector) {
        requests.prepare(slot, read, sector);
        ring.add(slot, read);
    }

    @Override
    void publish() {
        EventFd bell = kick;
        if (bell == null) {
            ring.publishQuietly();
        } else if (ring.publish()) {
            bell.signal();
        }
    }

    @Override
    int poll() {
        return ring.poll();
    }

    @Override
    boolean await(long longestNs) {
        return idle.await(ring, longestNs);
    }

    @Override
    boolean succeeded(int slot) {
        return requests.succeeded(slot);
    }

    @Override
    String failure(int slot) {
        return requests.failure(slot);
    }
}
