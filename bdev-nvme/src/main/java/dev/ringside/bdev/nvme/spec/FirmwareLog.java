package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.text;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The firmware that a controller has (base 2.0, 5.16.1.4).
 *
 * @param active number of the slot that runs, from 1
 * @param next number of the slot that runs after the next reset; 0: the controller does not say
 * @param revisions by slot from 1; empty: there is none in that slot
 */
public record FirmwareLog(int active, int next, List<String> revisions) {

    /** Bytes of the data structure. */
    public static final int SIZE = 512;

    private static final int SLOTS = 7;

    /** Reads the data structure. */
    public static FirmwareLog read(MemorySegment data) {
        int afi = u8(data, 0);
        return new FirmwareLog(
                afi & 7,
                afi >>> 4 & 7,
                IntStream.range(0, SLOTS)
                        .mapToObj(slot -> text(data, 8 + 8L * slot, 8))
                        .toList());
    }
}
