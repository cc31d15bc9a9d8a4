package dev.ringside.bdev.fault;

import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.Layer;
import dev.ringside.bdev.Layering;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/** A device that may have faults: those it has now, for all of its reactors. Any thread. */
public final class FaultPoint implements Layering {
    private static final LiveFault[] NONE = {};

    /** Guarded by itself. */
    private final List<FaultChannel> channels = new ArrayList<>();

    private volatile LiveFault[] faults = NONE;

    /** Makes one without faults. */
    public FaultPoint() {}

    /** The faults that the device has, in the order in which they are tried: the first that hits a request decides. */
    public List<LiveFault> faults() {
        return List.of(faults);
    }

    /** Has the device these faults from now on. Those it had before and are not among them are over. */
    public void set(List<LiveFault> next) {
        List<LiveFault> before = faults();
        faults = next.toArray(LiveFault[]::new);
        before.stream().filter(fault -> !next.contains(fault)).forEach(LiveFault::end);
        synchronized (channels) {
            channels.forEach(FaultChannel::reviewSoon);
        }
    }

    @Override
    public Layer over(IoChannel below, Reactor reactor) {
        FaultChannel channel = new FaultChannel(this, below, reactor);
        synchronized (channels) {
            channels.add(channel);
        }
        return channel;
    }

    void forget(FaultChannel channel) {
        synchronized (channels) {
            channels.remove(channel);
        }
    }

    /** The faults, for the data plane; not to be changed. */
    LiveFault[] live() {
        return faults;
    }
}
