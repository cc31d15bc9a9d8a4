package dev.ringside.bdev;

import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A registered device with its users. The registry's lock guards what is not said to belong to a reactor. */
final class BdevNode {
    final List<BdevHandle> handles = new ArrayList<>();
    final CompletableFuture<Void> destroyed = new CompletableFuture<>();

    @Nullable
    BdevHandle claimedBy;

    String claim = "";
    boolean removed;
    boolean destroyStarted;

    private final Bdev bdev;
    /** Each entry is touched by its own reactor only. */
    private final Map<Reactor, SharedChannel> shared = new ConcurrentHashMap<>();
    /** The layers before the device, on each reactor; never changed, but replaced. */
    private volatile Map<Layering.Place, Layering> layers = Map.of();
    /** Open channels and their users; guarded by this map's monitor, as is {@link #closedStats}. */
    private final Map<BdevChannel, BdevHandle> channels = new HashMap<>();

    private final ChannelStats closedStats = new ChannelStats();
    /** Of these, what users that are no disks themselves had done; by reactor. */
    private final ReactorSums closedServed = new ReactorSums();
    /** How requests are timed; null: they are not. Guarded as the channels are, like what closed channels have measured. */
    private @Nullable Timing timing;

    private Spans closedSpans = new Spans();

    BdevNode(Bdev bdev) {
        this.bdev = bdev;
    }

    Bdev bdev() {
        return bdev;
    }

    /** On the reactor; its caller joins. */
    SharedChannel shared(Reactor reactor) throws IOException {
        SharedChannel channel = shared.get(reactor);
        if (channel == null) {
            channel = new SharedChannel(bdev.openChannel(reactor), reactor);
            shared.put(reactor, channel);
            // A change that comes meanwhile finds the channel, or is found here; or both, which does no harm.
            channel.relayer(layers);
        }
        return channel;
    }

    /** On the reactor. */
    void leave(Reactor reactor, SharedChannel channel, BdevChannel user) {
        if (channel.leave(user)) {
            shared.remove(reactor);
            channel.close();
        }
    }

    /** Puts a layer before the device on all reactors; null takes it away. */
    CompletableFuture<Void> layer(Layering.Place place, @Nullable Layering layering) {
        Map<Layering.Place, Layering> next = new EnumMap<>(Layering.Place.class);
        next.putAll(layers);
        if (layering == null) {
            next.remove(place);
        } else {
            next.put(place, layering);
        }
        layers = next;
        return CompletableFuture.allOf(shared.entrySet().stream()
                .map(entry -> entry.getKey().call(() -> {
                    entry.getValue().relayer(next);
                    return true;
                }))
                .toArray(CompletableFuture[]::new));
    }

    /** On the reactor. A resize or a removal that comes at the same time reaches the channel by message. */
    void channelOpened(BdevHandle handle, BdevChannel channel) {
        synchronized (channels) {
            channels.put(channel, handle);
            if (timing != null) {
                channel.time(new ChannelTimes(timing));
            }
            // What came between the channel's making and here told only the channels that were known.
            channel.resized(bdev.info().numBlocks());
            if (removed) {
                channel.markRemoved();
            }
        }
    }

    void channelClosed(BdevChannel channel) {
        synchronized (channels) {
            channels.remove(channel);
            closedStats.add(channel.stats());
            if (!channel.forDisk()) {
                closedServed.add(channel.reactor(), channel.stats());
            }
            ChannelTimes times = channel.times();
            if (times != null) {
                closedSpans.add(times.spans());
            }
        }
    }

    boolean hasChannels(BdevHandle handle) {
        synchronized (channels) {
            return channels.containsValue(handle);
        }
    }

    Map<Reactor, Integer> channelCounts() {
        Map<Reactor, Integer> counts = new HashMap<>();
        synchronized (channels) {
            channels.keySet().forEach(channel -> counts.merge(channel.reactor(), 1, Integer::sum));
        }
        return counts;
    }

    void markRemoved() {
        synchronized (channels) {
            removed = true;
            channels.keySet().forEach(channel -> channel.reactor().execute(channel::markRemoved));
        }
    }

    CompletableFuture<Void> resized(long numBlocks) {
        return onChannels(channel -> channel.resized(numBlocks));
    }

    CompletableFuture<BdevStats> stats() {
        ChannelStats sum = new ChannelStats();
        synchronized (channels) {
            sum.add(closedStats);
            return onChannels(channel -> {
                        synchronized (sum) {
                            sum.add(channel.stats());
                        }
                    })
                    .thenApply(done -> {
                        synchronized (sum) {
                            return BdevStats.of(sum);
                        }
                    });
        }
    }

    /** What the open channels have done, summed for each reactor that has some. */
    CompletableFuture<Map<Reactor, BdevStats>> reactorStats() {
        ReactorSums sums = new ReactorSums();
        return onChannels(channel -> sums.add(channel.reactor(), channel.stats()))
                .thenApply(done -> sums.stats());
    }

    /** Adds what users that are no disks themselves have done through channels that are closed. */
    void addClosed(ReactorSums sums) {
        closedServed.addTo(sums);
    }

    /** Adds what users that are no disks themselves have done so far. */
    CompletableFuture<Void> addServed(ReactorSums sums) {
        synchronized (channels) {
            addClosed(sums);
            return onChannels(channel -> {
                if (!channel.forDisk()) {
                    sums.add(channel.reactor(), channel.stats());
                }
            });
        }
    }

    CompletableFuture<Void> resetStats(StatsReset which) {
        synchronized (channels) {
            closedStats.reset(which);
            closedServed.reset(which);
            return onChannels(channel -> channel.stats().reset(which));
        }
    }

    /** Times requests from now on, with empty histograms; null: does not. */
    CompletableFuture<Void> time(@Nullable Timing next) {
        synchronized (channels) {
            timing = next;
            closedSpans = new Spans();
            return onChannels(channel -> channel.time(next == null ? null : new ChannelTimes(next)));
        }
    }

    Optional<Timing> timing() {
        synchronized (channels) {
            return Optional.ofNullable(timing);
        }
    }

    CompletableFuture<Spans> spans() {
        Spans sum = new Spans();
        synchronized (channels) {
            sum.add(closedSpans);
            return onTimes(times -> {
                        synchronized (sum) {
                            sum.add(times.spans());
                        }
                    })
                    .thenApply(done -> sum);
        }
    }

    CompletableFuture<List<SlowIos.Taken>> takeSlow() {
        List<SlowIos.Taken> taken = new CopyOnWriteArrayList<>();
        return onTimes(times -> taken.add(times.slow().take())).thenApply(done -> taken);
    }

    private CompletableFuture<Void> onTimes(Consumer<ChannelTimes> work) {
        return onChannels(channel -> {
            ChannelTimes times = channel.times();
            if (times != null) {
                work.accept(times);
            }
        });
    }

    /** Runs some work on the reactor of each open channel; a channel that closes meanwhile has handed over its counters. */
    private CompletableFuture<Void> onChannels(Consumer<BdevChannel> work) {
        synchronized (channels) {
            return CompletableFuture.allOf(channels.keySet().stream()
                    .map(channel -> channel.reactor().call(() -> {
                        work.accept(channel);
                        return true;
                    }))
                    .toArray(CompletableFuture[]::new));
        }
    }
}
