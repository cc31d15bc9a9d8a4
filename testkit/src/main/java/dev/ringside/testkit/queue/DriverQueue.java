package dev.ringside.testkit.queue;

/**
 * The driver's side of a virtqueue of either format. One thread. Nothing here allocates.
 *
 * <p>A chain is described buffer by buffer ({@link #readable}, {@link #writable}), put into the queue with {@link #add} or
 * {@link #addIndirect}, and shown to the device, with all that were added meanwhile, by {@link #publish}. {@link #poll}
 * takes chains back.
 */
public interface DriverQueue {

    /** Number of entries. */
    int size();

    /** Guest-physical address of the descriptors. */
    long descriptorArea();

    /** Guest-physical address of what the driver writes besides (the available ring, or the driver's event suppression). */
    long driverArea();

    /** Guest-physical address of what the device writes (the used ring, or the device's event suppression). */
    long deviceArea();

    /** What SET_VRING_BASE is given when the queue starts with the present state of the driver. */
    int base();

    /** Descriptors that no chain has. */
    int free();

    /** Chains that the device has not given back. */
    int inFlight();

    /** Appends a buffer that the device reads to the chain that is being described. */
    void readable(long address, int length);

    /** Appends a buffer that the device writes to the chain that is being described. */
    void writable(long address, int length);

    /**
     * Puts the described chain into the queue, a descriptor for each buffer.
     *
     * @return its id until {@link #poll} returns it, below {@link #size}; -1 if too few descriptors are free, and the
     *     description is dropped
     */
    int add();

    /** Puts the described chain into the queue as a table behind one descriptor; otherwise as {@link #add}. */
    int addIndirect();

    /**
     * Shows what was added to the device.
     *
     * @return whether the device wants to be kicked for it
     */
    boolean publish();

    /** Whether {@link #poll} would take a chain back. */
    boolean hasUsed();

    /**
     * Takes a chain back.
     *
     * @return its id, or -1 if the device has given none back
     * @throws IllegalStateException if the device gave back what it did not have
     */
    int poll();

    /** Bytes that the device says it wrote into the chain that {@link #poll} returned last. */
    int usedLength();

    /**
     * Asks for a call when the next chain comes back.
     *
     * @return whether one has come already, so that no call need follow
     */
    boolean enableCalls();

    /** Asks for no calls. */
    void disableCalls();

    /** How often {@link #publish} showed something and the device wanted a kick. */
    long kicks();

    /** How often {@link #publish} showed something and the device wanted none. */
    long kicksSpared();
}
