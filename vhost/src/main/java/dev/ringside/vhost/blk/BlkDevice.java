package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A virtio block device over a bdev, for all sessions of its controller. When the bdev is removed, requests fail and the
 * device stays.
 */
public final class BlkDevice implements VirtioDevice, AutoCloseable {
    private static final int MAX_QUEUES = 256;

    private final BdevHandle handle;
    private final boolean readOnly;
    private final byte[] id;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /** Open queues with the reactor of each; guarded by its monitor, as are the switches. */
    private final Map<BlkQueue, Reactor> queues = new HashMap<>();

    private boolean removed;
    private boolean closed;
    private boolean handleClosed;

    /**
     * Opens a bdev.
     *
     * @param readOnly whether the guest may not write, though the bdev could
     * @throws BdevException ENODEV if there is no such bdev, EBUSY if another user has claimed it
     */
    public BlkDevice(BdevRegistry registry, String bdev, boolean readOnly) throws BdevException {
        BdevInfo info = registry.find(bdev).info();
        this.readOnly = readOnly || info.readOnly();
        this.handle = registry.open(bdev, !this.readOnly, this::onEvent);
        this.id = Arrays.copyOf(info.name().getBytes(StandardCharsets.US_ASCII), BlkLayout.ID_BYTES);
    }

    /** The disk as it is now. */
    public BdevInfo info() {
        return handle.info();
    }

    /** Whether the guest may not write. */
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public long features() {
        return config().features();
    }

    @Override
    public int queues() {
        return MAX_QUEUES;
    }

    @Override
    public void readConfig(MemorySegment target) {
        config().write(target);
    }

    @Override
    public void addConfigListener(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConfigListener(Runnable listener) {
        listeners.remove(listener);
    }

    @Override
    public DeviceQueue openQueue(int index, long features, Reactor reactor) throws IOException {
        synchronized (queues) {
            if (removed) {
                return new BlkQueue(this, null, info().blockSize(), false, id);
            }
            boolean flushes = (features & BlkLayout.FLUSH) != 0;
            BdevChannel channel = handle.openChannel(reactor);
            BlkQueue queue = new BlkQueue(this, channel, info().blockSize(), info().writeCache() && !flushes, id);
            queues.put(queue, reactor);
            return queue;
        }
    }

    /** Closes the bdev; no queue is open. */
    @Override
    public void close() {
        synchronized (queues) {
            closed = true;
        }
        closeHandleIfUnused();
    }

    /** A queue has closed its way to the disk; on the queue's reactor. */
    void queueDetached(BlkQueue queue) {
        synchronized (queues) {
            queues.remove(queue);
        }
        closeHandleIfUnused();
    }

    private void onEvent(BdevEvent event) {
        switch (event) {
            case BdevEvent.Resized resized -> listeners.forEach(Runnable::run);
            case BdevEvent.Removed gone -> {
                synchronized (queues) {
                    removed = true;
                    queues.forEach((queue, reactor) -> reactor.execute(queue::detach));
                }
                closeHandleIfUnused();
            }
        }
    }

    private void closeHandleIfUnused() {
        synchronized (queues) {
            if (!queues.isEmpty() || handleClosed || !(removed || closed)) {
                return;
            }
            handleClosed = true;
        }
        handle.close();
    }

    private BlkConfig config() {
        return new BlkConfig(info(), readOnly, MAX_QUEUES);
    }
}
