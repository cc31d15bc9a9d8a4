package dev.ringside.vhost.device;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A device that any number of sessions serve to their guests. Control plane, any thread, unless a method says otherwise. */
public interface VirtioDevice {
    /** Bytes of config space that can be read; what the device type does not define reads as zero. */
    int CONFIG_BYTES = 256;

    /** The feature bits that are offered: those of the device type, VIRTIO_F_RING_PACKED and VIRTIO_F_IN_ORDER. */
    long features();

    /** How many queues the device has. */
    int queues();

    /**
     * Writes the whole config space.
     *
     * @param target {@link #CONFIG_BYTES} bytes, zeroed
     */
    void readConfig(MemorySegment target);

    /**
     * Writes a part of the config space that a guest may write.
     *
     * @param bytes valid during the call
     * @throws ProtocolException if a field that cannot be written is among it, or a value is not allowed
     */
    void writeConfig(long offset, MemorySegment bytes) throws ProtocolException;

    /** Who has to know of guests' memory before requests point into it. */
    MemoryListener memoryListener();

    /** Has a listener called whenever the config space has changed, on the thread that changed it. */
    void addConfigListener(Runnable listener);

    /** Takes a listener away. */
    void removeConfigListener(Runnable listener);

    /**
     * One of the device's queues is about to be opened. On the session's thread, which may wait here.
     *
     * @param index from 0
     */
    default void prepareQueue(int index) {
        // A device need not know.
    }

    /**
     * Opens one of the device's queues. On the reactor that will serve it.
     *
     * @param index from 0
     * @param features what was negotiated
     * @throws IOException if what is behind the device cannot be reached
     */
    DeviceQueue openQueue(int index, long features, Reactor reactor) throws IOException;
}
