package dev.ringside.vhost.scsi.unit;

import dev.ringside.env.reactor.Reactor;

/** A way on which writes to a unit begin, which can be made to keep off a range. Its methods run on its reactor. */
public interface RangeHolder {

    /** The reactor; any thread. */
    Reactor reactor();

    /** Begins nothing from now on that modifies a range, and tells the lock when what was begun before has ended. */
    void hold(RangeLock lock);

    /** Lets a range go, and begins what waited for it. */
    void release(RangeLock lock);
}
