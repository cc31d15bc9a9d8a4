package dev.ringside.daemon.target;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The disks, and how to make each of them again. Any thread; whoever changes something holds the {@link ControlLock}.
 */
public final class Disks implements AutoCloseable {
    /** Named for what the messages are about, so that the component's log flag covers them. */
    private static final Logger LOG = LoggerFactory.getLogger(BdevRegistry.class);

    private final BdevRegistry registry = new BdevRegistry();
    private final UringGroup rings = new UringGroup();
    /** By name, in the order in which they were made; guarded by this object's monitor. */
    private final Map<String, Disk> made = new LinkedHashMap<>();

    /** What another process had the contents of disks in, by their names. */
    private final Map<String, Fd> inherited = new HashMap<>();

    private final Notifications notifications = new Notifications();
    private boolean closed;

    /** Makes a target without disks. */
    public Disks() {}

    /** The registry in which all disks are. */
    public BdevRegistry registry() {
        return registry;
    }

    /** What has happened to disks lately. */
    public Notifications notifications() {
        return notifications;
    }

    /** The rings that file disks share. */
    public UringGroup rings() {
        return rings;
    }

    /** Has the disk of that name, when it is made, take its contents over; the descriptor is its to close then. */
    public synchronized void inherit(String name, Fd contents) {
        Fd old = inherited.put(name, contents);
        if (old != null) {
            old.close();
        }
    }

    /** What the disk of that name, which is being made, has to take its contents from; the caller's to close. */
    public synchronized Optional<Fd> takeInherited(String name) {
        return Optional.ofNullable(inherited.remove(name));
    }

    /**
     * Makes a new disk known.
     *
     * @throws BdevException EEXIST if its name or UUID is taken; the disk is destroyed then
     */
    public void add(Disk disk) throws BdevException {
        Bdev bdev = disk.bdev();
        try {
            registry.register(bdev);
        } catch (BdevException e) {
            bdev.destroy();
            throw e;
        }
        LOG.info(
                "{} is there: {}, {} blocks of {} bytes",
                bdev.info().name(),
                bdev.info().productName(),
                bdev.info().numBlocks(),
                bdev.info().blockSize());
        notifications.add(Notifications.Type.BDEV_REGISTER, bdev.info().name());
        synchronized (this) {
            made.put(bdev.info().name(), disk);
            notifyAll();
        }
    }

    /** Remembers that a disk was changed, so that it is made again as it is now. */
    public synchronized void changed(Disk disk, String param, long value) {
        ObjectNode params = disk.params().deepCopy();
        params.put(param, value);
        made.put(disk.bdev().info().name(), new Disk(disk.kind(), disk.bdev(), params));
    }

    /** All disks, in the order in which they were made. */
    public synchronized List<Disk> list() {
        return List.copyOf(made.values());
    }

    /**
     * A disk of a kind.
     *
     * @param name its name or an alias
     * @throws BdevException ENODEV if there is none of that name, or it is of another kind
     */
    public Disk find(DiskKind kind, String name) throws BdevException {
        String canonical = registry.find(name).info().name();
        synchronized (this) {
            Disk disk = made.get(canonical);
            if (disk == null || disk.kind() != kind) {
                throw new BdevException(Errno.ENODEV, "bdev " + canonical + " was not made by " + kind.createMethod());
            }
            return disk;
        }
    }

    /** The disk of that very name, if an operator has made it. */
    public synchronized Optional<Disk> made(String name) {
        return Optional.ofNullable(made.get(name));
    }

    /**
     * Takes a disk away from its users.
     *
     * @return done when the last of them has let go and the disk is destroyed; to be awaited without the lock
     * @throws BdevException ENODEV if there is no disk of that name and kind
     */
    public CompletableFuture<Void> remove(DiskKind kind, String name) throws BdevException {
        String canonical = find(kind, name).bdev().info().name();
        LOG.debug("{} is taken away from its users", canonical);
        CompletableFuture<Void> gone = registry.unregister(canonical);
        notifications.add(Notifications.Type.BDEV_UNREGISTER, canonical);
        synchronized (this) {
            made.remove(canonical);
        }
        return gone.thenRun(() -> LOG.info("{} is gone", canonical));
    }

    /**
     * Waits until there is a bdev of that name.
     *
     * @param timeoutMs 0: does not wait
     * @throws BdevException ENODEV if there is none when the time is over or the daemon stops
     */
    public BdevRegistry.Entry await(String name, long timeoutMs) throws BdevException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        synchronized (this) {
            while (true) {
                try {
                    return registry.find(name);
                } catch (BdevException e) {
                    long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                    if (closed || leftMs <= 0) {
                        throw e;
                    }
                    wait(leftMs);
                }
            }
        }
    }

    /** Ends all waits; nothing waits from now on. */
    public synchronized void stopWaiting() {
        closed = true;
        notifyAll();
    }

    /** Destroys all disks; nobody has one open any more. */
    @Override
    public void close() {
        stopWaiting();
        synchronized (this) {
            inherited.values().forEach(Fd::close);
            inherited.clear();
        }
        for (Disk disk : list()) {
            String name = disk.bdev().info().name();
            try {
                remove(disk.kind(), name).join();
            } catch (BdevException e) {
                LOG.warn("{} cannot be removed: {}", name, e.getMessage());
            }
        }
    }
}
