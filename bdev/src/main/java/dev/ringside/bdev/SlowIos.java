package dev.ringside.bdev;

import java.util.ArrayList;
import java.util.List;

/**
 * The slow requests of a channel that nobody has taken note of yet. There is room for {@value #ROOM}, the slowest; the others are
 * only counted. Owned by the channel's reactor; {@link #look} allocates nothing.
 */
public final class SlowIos {
    private static final int ROOM = 32;
    private static final int NUMBERS = 9;
    /** Which of the numbers is the time that a request took. */
    private static final int TOTAL = 3;

    private final long limitNs;
    private final IoType[] types = new IoType[ROOM];
    private final long[] numbers = new long[ROOM * NUMBERS];
    private int count;
    private long left;
    /** The place of the least slow one, if there is no more room. */
    private int least;

    SlowIos(long limitNs) {
        this.limitNs = limitNs == 0 ? Long.MAX_VALUE : limitNs;
    }

    /**
     * What was taken note of.
     *
     * @param ios the slowest, in no order
     * @param left how many more there were
     */
    public record Taken(List<SlowIo> ios, long left) {}

    /**
     * Takes note of a request that has ended in the block layer, if it was slow. What comes after the end, until the guest is
     * told, is not known yet and not counted.
     *
     * @param pollDelayNs how late its queue was looked at
     * @param ringNs how long it waited to be begun
     */
    public void look(BdevIo io, long pollDelayNs, long ringNs) {
        IoTimes times = io.times();
        long totalNs = pollDelayNs + ringNs + times.qosNs() + times.waitedNs() + times.inDeviceNs();
        if (totalNs <= limitNs) {
            return;
        }
        if (count < ROOM) {
            note(count++, io, totalNs, pollDelayNs, ringNs);
        } else {
            left++;
            if (totalNs <= numbers[least * NUMBERS + TOTAL]) {
                return;
            }
            note(least, io, totalNs, pollDelayNs, ringNs);
        }
        if (count == ROOM) {
            findLeast();
        }
    }

    private void note(int place, BdevIo io, long totalNs, long pollDelayNs, long ringNs) {
        IoTimes times = io.times();
        int at = place * NUMBERS;
        types[place] = io.type();
        numbers[at] = io.lba();
        numbers[at + 1] = io.blocks();
        numbers[at + 2] = times.endedNs();
        numbers[at + TOTAL] = totalNs;
        numbers[at + 4] = pollDelayNs;
        numbers[at + 5] = ringNs;
        numbers[at + 6] = times.qosNs();
        numbers[at + 7] = times.waitedNs();
        numbers[at + 8] = times.inDeviceNs();
    }

    private void findLeast() {
        least = 0;
        for (int place = 1; place < ROOM; place++) {
            if (numbers[place * NUMBERS + TOTAL] < numbers[least * NUMBERS + TOTAL]) {
                least = place;
            }
        }
    }

    /** Gives out what was noted, and begins anew. */
    Taken take() {
        List<SlowIo> ios = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = i * NUMBERS;
            ios.add(new SlowIo(
                    types[i],
                    numbers[at],
                    numbers[at + 1],
                    numbers[at + 2],
                    numbers[at + TOTAL],
                    numbers[at + 4],
                    numbers[at + 5],
                    numbers[at + 6],
                    numbers[at + 7],
                    numbers[at + 8]));
        }
        Taken taken = new Taken(ios, left);
        count = 0;
        left = 0;
        return taken;
    }
}
