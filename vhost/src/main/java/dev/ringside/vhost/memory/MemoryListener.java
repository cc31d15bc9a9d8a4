package dev.ringside.vhost.memory;

import java.lang.foreign.MemorySegment;

/** Who has to know of guests' memory before it is used, because devices shall reach it. Control plane; any thread. */
public interface MemoryListener {
    /** Nobody. */
    MemoryListener NONE = memory -> () -> {};

    /**
     * Memory has been mapped, and will be used.
     *
     * @return called once, when nobody uses it any more and before it is unmapped
     */
    Runnable mapped(MemorySegment memory);

    /** Tells another one, too. */
    default MemoryListener and(MemoryListener other) {
        return memory -> {
            Runnable unused = mapped(memory);
            Runnable unusedByOther = other.mapped(memory);
            return () -> {
                unused.run();
                unusedByOther.run();
            };
        };
    }
}
