package dev.ringside.bdev.scsi.mpi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Manufacturing page 0 (mpi_cnfg.h): what the board is.
 *
 * <pre>
 *   0x04 ChipName (16)  0x14 ChipRevision (8)  0x1c BoardName (16)  0x2c BoardAssembly (16)  0x3c BoardTracerNumber (16)
 * </pre>
 */
public record ManufacturingPage0(String chipName, String boardName, String boardTracerNumber) {
    /** Bytes of the page. */
    public static final int BYTES = 0x4c;

    private static final int CHIP_NAME = 0x04;
    private static final int BOARD_NAME = 0x1c;
    private static final int BOARD_TRACER_NUMBER = 0x3c;
    private static final int TEXT_BYTES = 16;

    /** Takes a page apart. */
    public static ManufacturingPage0 of(MemorySegment page) {
        return new ManufacturingPage0(text(page, CHIP_NAME), text(page, BOARD_NAME), text(page, BOARD_TRACER_NUMBER));
    }

    /** What the board is called; the chip, if the board has no name. */
    public String model() {
        return boardName.isEmpty() ? chipName : boardName;
    }

    private static String text(MemorySegment page, int offset) {
        byte[] bytes = page.asSlice(offset, TEXT_BYTES).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).strip();
    }
}
