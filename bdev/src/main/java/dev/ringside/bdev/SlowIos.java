package dev.ringside.bdev;

import java.util.ArrayList;
import java.util.List;

/**
 * The slow requests of a channel that nobody has taken note of yet. There is room for {@value #ROOM}; what comes beyond that is
 * only counted. Owned by the channel's reactor; {@link #look} allocates nothing.
 */
public final class SlowIos {
    private static final int ROOM = 32;
    private static final int NUMBERS = 8;

    private final long limitNs;
    private final IoType[] types = new IoType[ROOM];
    private final long[] numbers = new long[ROOM * NUMBERS];
    private int count;
    private long left;

    SlowIos(long limitNs) {
        this.limitNs = limitNs == 0 ? Long.MAX_VALUE : limitNs;
    }

    /**
     * What was taken note of.
     *
     * @param ios oldest first
     * @param left how many more there were
     */
    public record Taken(List<SlowIo> ios, long left) {}

    /** Takes note of a request that has ended in the block layer, if it was slow. */
    public void look(BdevIo io, long pollDelayNs, long ringNs) {
        IoTimes times = io.times();
        long totalNs = pollDelayNs + ringNs + times.waitedNs() + times.inDeviceNs();
        if (totalNs <= limitNs) {
            return;
        }
        if (count == ROOM) {
            left++;
            return;
        }
        int at = count * NUMBERS;
        types[count++] = io.type();
        numbers[at] = io.lba();
        numbers[at + 1] = io.blocks();
        numbers[at + 2] = times.endedNs();
        numbers[at + 3] = totalNs;
        numbers[at + 4] = pollDelayNs;
        numbers[at + 5] = ringNs;
        numbers[at + 6] = times.waitedNs();
        numbers[at + 7] = times.inDeviceNs();
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
                    numbers[at + 3],
                    numbers[at + 4],
                    numbers[at + 5],
                    numbers[at + 6],
                    numbers[at + 7]));
        }
        Taken taken = new Taken(ios, left);
        count = 0;
        left = 0;
        return taken;
    }
}
