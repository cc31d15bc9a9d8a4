package dev.ringside.vhost.scsi;

import dev.ringside.vhost.scsi.unit.UnitPort;
import java.util.BitSet;

/** Numbers the target ports of the daemon, from 1 on; a number that is given back is the next to be taken. Any thread. */
public final class PortNumbers {
    private final BitSet taken = new BitSet();

    /** Makes one with all numbers free. */
    public PortNumbers() {}

    /** Makes a port. */
    synchronized UnitPort take(String name) {
        int number = taken.nextClearBit(1);
        taken.set(number);
        return new UnitPort(name, number);
    }

    synchronized void giveBack(UnitPort port) {
        taken.clear(port.relative());
    }
}
