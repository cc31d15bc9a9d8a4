package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** A kind of device under test: how to come by one, and what can be done to it from outside. */
public interface BdevSubject {
    /** A subject's devices have at least this many bytes, in blocks of 4,096 bytes at most. */
    long MIN_BYTES = 16 << 20;

    /** What the tests of this subject are called. */
    String name();

    /** Makes a device, with any contents; the suite destroys it through its registry. One at a time. */
    Bdev create() throws Exception;

    /** The registry for the device that was made last: a new one, unless it stands on others in one. */
    default BdevRegistry registry() {
        return new BdevRegistry();
    }

    /** The device is in the registry: the time to do something to it there. */
    default void registered(BdevRegistry registry, BdevInfo device) throws Exception {}

    /** Whether what is written is read back. */
    default boolean keepsData() {
        return true;
    }

    /** How many requests are counted for the check that none allocates. */
    default int steadyRequests() {
        return 100_000;
    }

    /**
     * Memory that requests may name.
     *
     * @param arena frees it
     * @param bytes at least 1
     */
    default MemorySegment allocate(Arena arena, long bytes) {
        return arena.allocate(bytes, 4096);
    }

    /** How to give the device another capacity, where that can be done from outside. */
    default Optional<Resize> resize() {
        return Optional.empty();
    }

    /** How to make a device that cannot be written, where there is such a thing. */
    default Optional<Callable<Bdev>> readOnly() {
        return Optional.empty();
    }

    /** How to make the device fail. */
    default Optional<Fault> fault() {
        return Optional.empty();
    }

    /** Gives a device another capacity. */
    interface Resize {
        /**
         * Does it, and tells the registry.
         *
         * @param numBlocks half or one and a half times of what the subject made, and back
         */
        void to(Bdev bdev, BdevRegistry registry, long numBlocks) throws Exception;
    }

    /**
     * A failure of the device.
     *
     * @param device makes a device
     * @param inject makes reads of the device's last block fail
     * @param status what they fail with
     */
    record Fault(Callable<Bdev> device, Consumer<BdevInfo> inject, int status) {}
}
