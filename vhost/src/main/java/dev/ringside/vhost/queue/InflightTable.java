package dev.ringside.vhost.queue;

import java.util.Arrays;

/** The states of a region of requests in flight, as far as both formats have them alike. Used when a queue is attached. */
final class InflightTable {
    private final InflightMemory region;
    private final long first;
    private final long stride;
    private final int size;

    /**
     * Looks at a region.
     *
     * @param first offset of the first state
     * @param stride bytes of a state
     * @param size number of states
     */
    InflightTable(InflightMemory region, long first, long stride, int size) {
        this.region = region;
        this.first = first;
        this.stride = stride;
        this.size = size;
    }

    /** A request in flight; in the order of the counters, which are unsigned. */
    private record Tracked(int state, long counter) implements Comparable<Tracked> {
        @Override
        public int compareTo(Tracked other) {
            return Long.compareUnsigned(counter, other.counter);
        }
    }

    long counterOf(int state) {
        return region.i64(first + state * stride + InflightLayout.COUNTER);
    }

    /** Whether somebody has tracked a request here; a region that was only made ready has no counter. */
    boolean isTouched() {
        for (int state = 0; state < size; state++) {
            if (isInFlight(state) || counterOf(state) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The states of the requests in flight, oldest first. */
    int[] oldestFirst() {
        Tracked[] tracked = new Tracked[size];
        int count = 0;
        for (int state = 0; state < size; state++) {
            if (isInFlight(state)) {
                tracked[count++] = new Tracked(state, counterOf(state));
            }
        }
        Arrays.sort(tracked, 0, count);
        int[] states = new int[count];
        for (int i = 0; i < count; i++) {
            states[i] = tracked[i].state();
        }
        return states;
    }

    /** The counter after the newest of some states. */
    long counterAfter(int[] oldestFirst) {
        return oldestFirst.length == 0 ? 1 : counterOf(oldestFirst[oldestFirst.length - 1]) + 1;
    }

    private boolean isInFlight(int state) {
        return region.u8(first + state * stride + InflightLayout.INFLIGHT) != 0;
    }
}
