package dev.ringside.vhost.scsi;

import dev.ringside.vhost.scsi.unit.UnitPort;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Numbers the target ports of the daemon, from 1 on; a number that is given back is the next to be taken. Any thread. */
public final class PortNumbers {
    private final BitSet taken = new BitSet();
    /** By the name of the port. */
    private final Map<String, Integer> numbers = new HashMap<>();
    /** Those of ports that another process had, and that have not been made here yet. */
    private final Map<String, Integer> inherited = new HashMap<>();

    /** Makes one with all numbers free. */
    public PortNumbers() {}

    /** Makes a port. */
    synchronized UnitPort take(String name) {
        Integer known = inherited.remove(name);
        int number = known == null ? taken.nextClearBit(1) : known;
        taken.set(number);
        numbers.put(name, number);
        return new UnitPort(name, number);
    }

    synchronized void giveBack(UnitPort port) {
        taken.clear(port.relative());
        numbers.remove(port.name());
    }

    /** The numbers that are taken, by the names of their ports. */
    public synchronized Map<String, Integer> numbers() {
        return Map.copyOf(numbers);
    }

    /** Has ports of some names get the numbers that they had in another process, when they are made. */
    public synchronized void inherit(Map<String, Integer> from) {
        inherited.putAll(from);
        from.values().forEach(taken::set);
    }
}
