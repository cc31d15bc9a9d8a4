package dev.ringside.benchmarks.load;

/** Through the bare queue of a device. Allocates nothing, but for words. */
final class HardwarePath extends RequestPath {
    private final HardwareQueue queue;

    HardwarePath(HardwareQueue queue) {
        this.queue = queue;
    }

    /** Adds a request that was built, to be shown by the next {@link #publish}. */
    void post(int request) {
        queue.post(request);
    }

    @Override
    void publish() {
        queue.ring();
    }

    @Override
    int poll() {
        return queue.reap();
    }

    @Override
    boolean await(long longestNs) {
        return false;
    }

    @Override
    boolean succeeded(int slot) {
        return queue.succeeded();
    }

    @Override
    String failure(int slot) {
        return queue.failure();
    }
}
