package dev.ringside.bdev.scsi.host;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A target that an adapter has found. Its driver makes it, and keeps it for as long as the target is there: two of these are
 * the same only if they are the same object.
 */
public final class ScsiTarget {
    /** What is at the other end. */
    public enum Transport {
        /** A SAS device. */
        SAS,
        /** A SATA device behind a SAS adapter, which translates. */
        SATA,
        /** Anything else. */
        OTHER
    }

    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(60);

    private final int bus;
    private final int id;
    private final long sasAddress;
    private final Transport transport;
    private final String location;
    private volatile @Nullable SasLink link;
    private volatile int queueDepth;
    private volatile int handle;
    /** Changed under this object's monitor. */
    private volatile @Nullable Absence absence;

    /** That it gets no requests; two are the same only if they are the same object. */
    public static final class Absence {
        /** When that ends, in ns of {@link System#nanoTime}. */
        private final long untilNs;

        private final boolean over;

        private Absence(long untilNs, boolean over) {
            this.untilNs = untilNs;
            this.over = over;
        }

        /** Whether it responds again, and has only to be looked at. */
        public boolean over() {
            return over;
        }

        /** Whether it should have ended by now. */
        public boolean isOverdue(long nowNs) {
            return nowNs - untilNs > 0;
        }
    }

    /**
     * Makes one.
     *
     * @param bus number of the adapter's bus or channel, at least 0
     * @param id number on that bus, at least 0; with the bus unique among the host's targets
     * @param sasAddress 0 if it has none
     * @param queueDepth how many commands it can hold as far as is known; 0: not known
     * @param location where a person finds it, such as "enclosure 2, slot 5"; empty if that is not known
     * @param handle what the driver calls it towards the adapter
     */
    public ScsiTarget(
            int bus, int id, long sasAddress, Transport transport, int queueDepth, String location, int handle) {
        this.bus = bus;
        this.id = id;
        this.sasAddress = sasAddress;
        this.transport = transport;
        this.queueDepth = queueDepth;
        this.location = location;
        this.handle = handle;
    }

    /** Number of the bus. */
    public int bus() {
        return bus;
    }

    /** Number on the bus. */
    public int id() {
        return id;
    }

    /** SAS address; 0 if it has none. */
    public long sasAddress() {
        return sasAddress;
    }

    /** What is at the other end. */
    public Transport transport() {
        return transport;
    }

    /** How many commands it can hold; 0: not known. Any thread. */
    public int queueDepth() {
        return queueDepth;
    }

    /** It can hold so many commands now, 0: not known; its driver says so within {@link ScsiHostDriver#scanBus}. */
    public void holds(int commands) {
        queueDepth = commands;
    }

    /** Where a person finds it; empty if that is not known. */
    public String location() {
        return location;
    }

    /** How it is attached; empty if that is not known. Any thread. */
    public Optional<SasLink> link() {
        return Optional.ofNullable(link);
    }

    /** It is attached like this now: its driver says so. */
    public void linked(SasLink now) {
        link = now;
    }

    /** What the driver calls it towards the adapter; any thread. */
    public int handle() {
        return handle;
    }

    /** The adapter calls it otherwise now, after a reset of the adapter: its driver says so. */
    public void renamed(int newHandle) {
        handle = newHandle;
    }

    /**
     * The adapter has lost it, and has not given it up: its driver says so. It gets no requests, and those that end without an
     * answer of its own wait, until it is {@link #back} and the mid-layer has found it to be as it was, or {@link
     * ScsiTopology#removed}, or the time has passed: the mid-layer removes it then.
     *
     * @param untilNs in ns of {@link System#nanoTime}
     */
    public synchronized void missing(long untilNs) {
        absence = new Absence(untilNs, false);
    }

    /**
     * It responds again: its driver says so, and calls {@link ScsiTopology#disturbed}, or finds it in a scan of the bus. Another
     * device could be in its place, so requests wait for the mid-layer, which looks at it, and gives it up when a look after a
     * minute fails.
     */
    public synchronized void back() {
        Absence was = absence;
        if (was != null && !was.over) {
            absence = new Absence(System.nanoTime() + LOOK_NS, true);
        }
    }

    /** Nobody waits for it any more: it is there, as it was, or it was given up and has no disks. */
    public synchronized void waitNoMore() {
        absence = null;
    }

    /** As {@link #waitNoMore()}, unless it has become missing anew after it was asked for its {@link #absence}. */
    public synchronized void waitNoMore(Absence asked) {
        if (absence == asked) {
            absence = null;
        }
    }

    /** Why it is waited for; null: it is there. Any thread. */
    @Nullable
    public Absence absence() {
        return absence;
    }

    /** Whether it is waited for; any thread. */
    public boolean isMissing() {
        return absence != null;
    }

    @Override
    public String toString() {
        return sasAddress == 0
                ? "target " + bus + ":" + id
                : String.format("target %d:%d (%s %016x)", bus, id, transport, sasAddress);
    }
}
