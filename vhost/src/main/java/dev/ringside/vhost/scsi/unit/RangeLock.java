package dev.ringside.vhost.scsi.unit;

import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A range of blocks that one COMPARE AND WRITE has for itself, or is about to have. */
public final class RangeLock {
    private final long lba;
    private final long blocks;
    private final Reactor reactor;
    private final Consumer<RangeLock> granted;
    private final AtomicInteger missing = new AtomicInteger();
    /** Who keeps off the range; guarded by the {@link RangeLocks}. */
    final List<RangeHolder> holders = new ArrayList<>();

    /**
     * Makes one.
     *
     * @param granted told on the reactor when nobody else modifies the range any more; also if it was given back meanwhile
     */
    public RangeLock(long lba, long blocks, Reactor reactor, Consumer<RangeLock> granted) {
        this.lba = lba;
        this.blocks = blocks;
        this.reactor = reactor;
        this.granted = granted;
    }

    /** Whether the range has a block of another one. */
    public boolean overlaps(long otherLba, long otherBlocks) {
        return otherLba < lba + blocks && lba < otherLba + otherBlocks;
    }

    /** One holder keeps off the range, and nothing that it began before modifies it; any reactor. */
    public void held() {
        if (missing.getAndDecrement() == 1) {
            reactor.execute(() -> granted.accept(this));
        }
    }

    boolean overlaps(RangeLock other) {
        return overlaps(other.lba, other.blocks);
    }

    /** Another holder comes after all were asked: it tells as the others do. */
    void oneMore() {
        // If all have told already, the lock has been granted, and is not granted again.
        missing.getAndUpdate(count -> count > 0 ? count + 1 : count);
    }

    void ask(List<RangeHolder> all) {
        holders.addAll(all);
        missing.set(holders.size());
        holders.forEach(holder -> holder.reactor().execute(() -> holder.hold(this)));
    }
}
