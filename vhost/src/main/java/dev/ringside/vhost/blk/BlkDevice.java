package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.ControllerDevice;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.queue.CompletionOrder;
import dev.ringside.vhost.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A virtio block device over a bdev, for all sessions of its controller. When the bdev is removed, requests fail and the
 * device stays; it can be given another bdev of the same geometry at any time.
 */
public final class BlkDevice implements ControllerDevice {
    private static final int MAX_QUEUES = 256;

    private final boolean readOnly;
    private final BlkSettings settings;
    private final byte[] id;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean writeback = true;
    /** What the disk is, or was when it was there. */
    private volatile BdevInfo info;

    private volatile BlkLimits limits;

    /** Open queues with the reactor of each; guarded by its monitor, as is the backing. */
    private final Map<BlkQueue, Reactor> queues = new HashMap<>();

    private final MemoryListener memoryListener;
    private @Nullable Backing backing;

    /**
     * Opens a bdev.
     *
     * @param memoryListener told of the memory of the device's guests
     * @throws BdevException ENODEV if there is no such bdev, EBUSY if another user has claimed it, EINVAL if the settings do
     *     not fit it
     */
    public BlkDevice(BdevRegistry registry, String bdev, BlkSettings settings, MemoryListener memoryListener)
            throws BdevException {
        this.memoryListener = memoryListener;
        this.info = registry.find(bdev).info();
        this.limits = BlkLimits.of(info, settings.tuning());
        this.readOnly = settings.readOnly() || info.readOnly();
        this.settings = settings;
        this.backing = open(registry, bdev);
        this.id = id(settings.serial().orElse(info.name()));
    }

    private static byte[] id(String serial) {
        return Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), BlkLayout.ID_BYTES);
    }

    @Override
    public MemoryListener memoryListener() {
        return memoryListener;
    }

    /** The disk as it is now, or as it was when it was removed. */
    public BdevInfo info() {
        return info;
    }

    /** Whether the guest may not write. */
    public boolean readOnly() {
        return readOnly;
    }

    /**
     * Puts another bdev behind the device. Requests in flight end on the old one; returns when no more are begun on it.
     *
     * @throws BdevException ENODEV or EBUSY as when a bdev is opened, EINVAL if its geometry is another one, EROFS if it
     *     is read-only and the device is not, EIO if a queue cannot reach it, which then has no disk
     */
    public void swap(BdevRegistry registry, String bdev) throws BdevException {
        BdevInfo next = registry.find(bdev).info();
        if (next.blockSize() != info.blockSize() || next.numBlocks() != info.numBlocks()) {
            throw new BdevException(
                    Errno.EINVAL,
                    String.format(
                            "bdev %s has %d blocks of %d bytes; the guest has seen %d of %d, and a disk can only be"
                                    + " exchanged for one of the same geometry",
                            bdev, next.numBlocks(), next.blockSize(), info.numBlocks(), info.blockSize()));
        }
        BlkLimits nextLimits = BlkLimits.of(next, settings.tuning());
        Backing opened = open(registry, bdev);
        Backing old;
        Map<BlkQueue, Reactor> now;
        synchronized (queues) {
            old = backing;
            backing = opened;
            info = next;
            limits = nextLimits;
            now = Map.copyOf(queues);
        }
        try {
            now.forEach((queue, reactor) -> reactor.call(() -> {
                        queue.useDisk(new DiskPath.Way(opened, opened.open(reactor)));
                        return true;
                    })
                    .join());
        } catch (CompletionException e) {
            throw new BdevException(Errno.EIO, "a queue cannot reach bdev " + bdev + ": " + e.getCause());
        } finally {
            if (old != null) {
                old.retire();
            }
        }
        listeners.forEach(Runnable::run);
    }

    /**
     * What the operator decided, and the serial number if it is the name of a disk that has been swapped out: a device that
     * is made with these settings shows the guest the same one.
     */
    public BlkSettings settings() {
        if (settings.serial().isPresent() || Arrays.equals(id, id(info.name()))) {
            return settings;
        }
        String seen = new String(id, StandardCharsets.US_ASCII);
        int end = seen.indexOf('\0');
        String serial = end < 0 ? seen : seen.substring(0, end);
        // A disk may have a name that cannot be given as a serial number.
        return BlkSettings.isSerial(serial) ? settings.withSerial(serial) : settings;
    }

    @Override
    public long features() {
        return config().features() | VirtioFeature.IN_ORDER | (settings.packedRing() ? VirtioFeature.RING_PACKED : 0);
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
    public void writeConfig(long offset, MemorySegment bytes) throws ProtocolException {
        if (offset != BlkConfig.WRITEBACK || bytes.byteSize() != 1 || (features() & BlkLayout.CONFIG_WCE) == 0) {
            throw new ProtocolException("SET_CONFIG of " + bytes.byteSize() + " bytes at " + offset
                    + ": only writeback can be written, 1 byte at " + BlkConfig.WRITEBACK
                    + ", of a disk that has a write cache");
        }
        byte value = bytes.get(ValueLayout.JAVA_BYTE, 0);
        if (value != 0 && value != 1) {
            throw new ProtocolException("SET_CONFIG of writeback to " + value + ": 0 or 1 is allowed");
        }
        writeback = value == 1;
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
    public VirtioDevice connect() {
        return this;
    }

    @Override
    public void disconnect(VirtioDevice seen) {
        // All front ends have the same device.
    }

    @Override
    public Runnable holdOpen(Reactor reactor) throws IOException {
        DeviceQueue queue = openQueue(0, 0, reactor);
        return queue::close;
    }

    @Override
    public DeviceQueue openQueue(int index, long features, Reactor reactor) throws IOException {
        synchronized (queues) {
            Backing disk = backing;
            DiskPath.Way way = disk == null ? null : new DiskPath.Way(disk, disk.open(reactor));
            CompletionOrder order = (features & VirtioFeature.IN_ORDER) != 0 ? new CompletionOrder() : null;
            BlkQueue queue = new BlkQueue(this, way, BlkRules.of(info, limits, features), order, id);
            queues.put(queue, reactor);
            return queue;
        }
    }

    /** Closes the bdev; no queue is open. */
    @Override
    public void close() {
        retireBacking();
    }

    /** Whether a completed write may wait in the disk's cache for a FLUSH; false: the guest wants writes to be through. */
    public boolean writeback() {
        return writeback;
    }

    /** Says so, as the guest did in another process. */
    public void setWriteback(boolean on) {
        writeback = on;
    }

    /** A queue has been closed. */
    void queueClosed(BlkQueue queue) {
        synchronized (queues) {
            queues.remove(queue);
        }
    }

    private Backing open(BdevRegistry registry, String bdev) throws BdevException {
        Backing[] self = new Backing[1];
        self[0] = new Backing(registry.open(bdev, !readOnly, event -> onEvent(self[0], event)));
        return self[0];
    }

    private void onEvent(Backing from, BdevEvent event) {
        switch (event) {
            case BdevEvent.Resized resized -> {
                synchronized (queues) {
                    if (from != backing) {
                        return;
                    }
                    info = resized.info();
                }
                listeners.forEach(Runnable::run);
            }
            case BdevEvent.Removed gone -> {
                if (from == backing) {
                    retireBacking();
                }
            }
        }
    }

    private void retireBacking() {
        Backing old;
        synchronized (queues) {
            old = backing;
            backing = null;
            queues.forEach((queue, reactor) -> reactor.execute(() -> queue.useDisk(null)));
        }
        if (old != null) {
            old.retire();
        }
    }

    private BlkConfig config() {
        return new BlkConfig(info, limits, readOnly, MAX_QUEUES, writeback);
    }
}
