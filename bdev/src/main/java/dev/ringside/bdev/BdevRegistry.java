package dev.ringside.bdev;

import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The block devices there are, and who uses them. Control plane; any thread. */
public final class BdevRegistry {
    /** In the order of registration; a device is found by its name and by each of its aliases. */
    private final Map<String, BdevNode> nodes = new LinkedHashMap<>();
    /** Devices that are no longer registered, but not destroyed yet. */
    private final Set<BdevNode> leaving = new HashSet<>();
    /** What was done on devices that are destroyed. */
    private final ReactorSums destroyedServed = new ReactorSums();

    /** Makes an empty registry. */
    public BdevRegistry() {}

    /**
     * A device, as it is now.
     *
     * @param claim name of the user that has claimed it
     */
    public record Entry(Bdev bdev, BdevInfo info, Optional<String> claim) {}

    /**
     * Makes a device known.
     *
     * @throws BdevException EEXIST if its name or one of its aliases is taken
     */
    public synchronized void register(Bdev bdev) throws BdevException {
        BdevInfo info = bdev.info();
        List<String> names = names(info);
        for (String name : names) {
            if (nodes.containsKey(name)) {
                throw new BdevException(Errno.EEXIST, "bdev " + name + " already exists");
            }
        }
        BdevNode node = new BdevNode(bdev);
        names.forEach(name -> nodes.put(name, node));
    }

    /** All devices, in the order of their registration. */
    public synchronized List<Entry> list() {
        return nodes.values().stream().distinct().map(BdevRegistry::entry).toList();
    }

    /**
     * One device by its name or an alias.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized Entry find(String name) throws BdevException {
        return entry(node(name));
    }

    /**
     * Whether somebody has a device open.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized boolean isOpen(String name) throws BdevException {
        return !node(name).handles.isEmpty();
    }

    /**
     * Opens a device.
     *
     * @param write whether requests that modify will be submitted
     * @param listener told of events, on the thread that causes them, without a lock held
     * @throws BdevException ENODEV if there is none of that name, EBUSY if another user has claimed it for writing, EROFS
     *     if it is to be written and cannot be
     */
    public BdevHandle open(String name, boolean write, Consumer<BdevEvent> listener) throws BdevException {
        return open(name, write, listener, false);
    }

    /**
     * Opens a device for another one that stands on it. What goes through it is part of what goes through that one, and
     * {@link #served} does not count it twice.
     *
     * @throws BdevException as {@link #open}
     */
    public BdevHandle openBase(String name, boolean write, Consumer<BdevEvent> listener) throws BdevException {
        return open(name, write, listener, true);
    }

    private synchronized BdevHandle open(String name, boolean write, Consumer<BdevEvent> listener, boolean forDisk)
            throws BdevException {
        BdevNode node = node(name);
        if (write && node.claimedBy != null) {
            throw new BdevException(Errno.EBUSY, "bdev " + name + " is claimed by " + node.claim);
        }
        if (write && node.bdev().info().readOnly()) {
            throw new BdevException(Errno.EROFS, "bdev " + name + " is read-only");
        }
        BdevHandle handle = new BdevHandle(this, node, write, listener, forDisk);
        node.handles.add(handle);
        return handle;
    }

    /**
     * Takes a device away from its users. Its name is free at once.
     *
     * @return done when the last user has closed it and it is destroyed
     * @throws BdevException ENODEV if there is none
     */
    public CompletableFuture<Void> unregister(String name) throws BdevException {
        BdevNode node;
        List<BdevHandle> users;
        synchronized (this) {
            node = node(name);
            names(node.bdev().info()).forEach(nodes::remove);
            leaving.add(node);
            node.markRemoved();
            users = List.copyOf(node.handles);
        }
        users.forEach(user -> user.tell(new BdevEvent.Removed()));
        destroyIfUnused(node);
        return node.destroyed;
    }

    /**
     * Tells the users of a device that its capacity has changed; {@link Bdev#info} says the new one already.
     *
     * @throws BdevException ENODEV if it is not registered
     */
    public void resized(Bdev bdev) throws BdevException {
        BdevInfo info = bdev.info();
        BdevNode node;
        List<BdevHandle> users;
        synchronized (this) {
            node = node(info.name());
            users = List.copyOf(node.handles);
        }
        node.resized(info.numBlocks()).join();
        users.forEach(user -> user.tell(new BdevEvent.Resized(info)));
    }

    /**
     * What has been done on a device so far.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<BdevStats> stats(String name) throws BdevException {
        return node(name).stats();
    }

    /**
     * What has been done on a device through the channels that are open now, for each reactor that has some.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<Map<Reactor, BdevStats>> reactorStats(String name) throws BdevException {
        return node(name).reactorStats();
    }

    /**
     * What has been done so far on all devices together, for each reactor that has done some: the requests of users that
     * are no devices themselves, each of them once, however many devices it went through. Those on devices that are gone
     * are among them.
     */
    public synchronized CompletableFuture<Map<Reactor, BdevStats>> served() {
        ReactorSums sums = new ReactorSums();
        destroyedServed.addTo(sums);
        return onAll(node -> node.addServed(sums)).thenApply(done -> sums.stats());
    }

    /**
     * Sets counters of all devices to 0, and of those that are gone, of which {@link #served} tells.
     *
     * @return done when every channel has
     */
    public synchronized CompletableFuture<Void> resetStats(StatsReset which) {
        destroyedServed.reset(which);
        return onAll(node -> node.resetStats(which));
    }

    /**
     * Sets counters of a device to 0.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<Void> resetStats(String name, StatsReset which) throws BdevException {
        return node(name).resetStats(which);
    }

    /**
     * Times the requests on a device from now on, with empty histograms.
     *
     * @param timing how; empty: not at all
     * @return done when every channel does
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<Void> time(String name, Optional<Timing> timing) throws BdevException {
        return node(name).time(timing.orElse(null));
    }

    /**
     * How the requests on a device are timed; empty if they are not.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized Optional<Timing> timing(String name) throws BdevException {
        return node(name).timing();
    }

    /**
     * Where the time of the requests on a device has gone since it is timed; empty histograms if it is not.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<Spans> spans(String name) throws BdevException {
        return node(name).spans();
    }

    /**
     * Takes the slow requests on a device, of each of its channels, that nobody has taken yet.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<List<SlowIos.Taken>> takeSlow(String name) throws BdevException {
        return node(name).takeSlow();
    }

    /**
     * Puts a layer before a device, in the place of the one that may be there, or takes it away. Requests that the old
     * layer held are submitted again.
     *
     * @param layering null: takes the layer away
     * @return done when all reactors have the change
     * @throws BdevException ENODEV if there is none
     */
    public synchronized CompletableFuture<Void> layer(String name, Layering.Place place, @Nullable Layering layering)
            throws BdevException {
        return node(name).layer(place, layering);
    }

    /**
     * How many ways to a device are open on each reactor that has some.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized Map<Reactor, Integer> channels(String name) throws BdevException {
        return node(name).channelCounts();
    }

    synchronized void claim(BdevNode node, BdevHandle handle, String user) throws BdevException {
        String name = node.bdev().info().name();
        if (node.claimedBy != null) {
            throw new BdevException(Errno.EBUSY, "bdev " + name + " is claimed by " + node.claim);
        }
        for (BdevHandle other : node.handles) {
            if (other != handle && other.writes()) {
                throw new BdevException(Errno.EBUSY, "bdev " + name + " is open for writing elsewhere");
            }
        }
        node.claimedBy = handle;
        node.claim = user;
    }

    void close(BdevNode node, BdevHandle handle) {
        synchronized (this) {
            if (node.hasChannels(handle)) {
                throw new IllegalStateException(
                        "a channel of " + node.bdev().info().name() + " is still open");
            }
            node.handles.remove(handle);
            if (node.claimedBy == handle) {
                node.claimedBy = null;
                node.claim = "";
            }
        }
        destroyIfUnused(node);
    }

    private void destroyIfUnused(BdevNode node) {
        synchronized (this) {
            if (!node.removed || node.destroyStarted || !node.handles.isEmpty()) {
                return;
            }
            node.destroyStarted = true;
            leaving.remove(node);
            node.addClosed(destroyedServed);
        }
        node.bdev().destroy();
        node.destroyed.complete(null);
    }

    /** Begins something with all devices that are not destroyed; done when it is with each. The caller has the lock. */
    private CompletableFuture<Void> onAll(Function<BdevNode, CompletableFuture<Void>> work) {
        return CompletableFuture.allOf(Stream.concat(nodes.values().stream().distinct(), leaving.stream())
                .map(work)
                .toArray(CompletableFuture[]::new));
    }

    private BdevNode node(String name) throws BdevException {
        @Nullable BdevNode node = nodes.get(name);
        if (node == null) {
            throw new BdevException(Errno.ENODEV, "there is no bdev " + name);
        }
        return node;
    }

    private static List<String> names(BdevInfo info) {
        List<String> names = new ArrayList<>(info.aliases());
        names.add(0, info.name());
        return names;
    }

    private static Entry entry(BdevNode node) {
        return new Entry(
                node.bdev(), node.bdev().info(), node.claimedBy == null ? Optional.empty() : Optional.of(node.claim));
    }
}
