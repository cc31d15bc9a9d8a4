package dev.ringside.scsi.log;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * The log pages of a disk (SPC-5, 7.3).
 *
 * <pre>
 *  0 DS (7) SPF (6) page code    1 subpage    2 page length (u16)    4 parameters: code (u16), control, length, value
 * </pre>
 *
 * @param write what was written
 * @param read what was read
 * @param verify what was verified
 */
public record LogPages(Counters write, Counters read, Counters verify) {
    /** Supported Log Pages. */
    public static final int SUPPORTED = 0x00;
    /** Write Error Counters. */
    public static final int WRITE_ERRORS = 0x02;
    /** Read Error Counters. */
    public static final int READ_ERRORS = 0x03;
    /** Verify Error Counters. */
    public static final int VERIFY_ERRORS = 0x05;
    /** Temperature. */
    public static final int TEMPERATURE = 0x0d;
    /** Informational Exceptions. */
    public static final int EXCEPTIONS = 0x2f;
    /** Subpage that lists the subpages. */
    public static final int ALL_SUBPAGES = 0xff;

    /** The pages, as page 00h lists them. */
    public static final List<Integer> PAGES =
            List.of(SUPPORTED, WRITE_ERRORS, READ_ERRORS, VERIFY_ERRORS, TEMPERATURE, EXCEPTIONS);

    /** A temperature that is not known. */
    private static final int UNKNOWN = 0xff;

    private static final int CUMULATIVE = 1;
    private static final int BYTES_PROCESSED = 5;
    private static final int UNCORRECTED = 6;
    private static final int FORMAT_BINARY_LIST = 0x03;

    /**
     * What a kind of command has done.
     *
     * @param bytes processed
     * @param uncorrected errors that could not be helped
     */
    public record Counters(long bytes, long uncorrected) {}

    /**
     * The answer to LOG SENSE.
     *
     * @param control page control, from 0 to 3; only current cumulative values (1) of the counters are kept
     * @param pointer the first parameter that is wanted
     * @throws CheckCondition if there is no such page, or no such parameter
     */
    public byte[] sense(int control, int page, int subpage, int pointer) throws CheckCondition {
        if (!PAGES.contains(page)) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 5)));
        }
        boolean list = page == SUPPORTED;
        if (subpage != 0 && !(list && subpage == ALL_SUBPAGES)) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(3)));
        }
        boolean counters = page == WRITE_ERRORS || page == READ_ERRORS || page == VERIFY_ERRORS;
        if (counters && control != CUMULATIVE) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 7)));
        }
        int last = list ? 0 : counters ? UNCORRECTED : page == TEMPERATURE ? 1 : 0;
        if (pointer > last) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(5)));
        }
        byte[] body = switch (page) {
            case SUPPORTED -> supported(subpage != 0);
            case WRITE_ERRORS -> counters(write, pointer);
            case READ_ERRORS -> counters(read, pointer);
            case VERIFY_ERRORS -> counters(verify, pointer);
            case TEMPERATURE -> temperature(pointer);
            default -> exceptions();
        };
        byte[] data = new byte[4 + body.length];
        data[0] = (byte) (page | (subpage != 0 ? 0x40 : 0));
        data[1] = (byte) subpage;
        BigEndian.put16(data, 2, body.length);
        System.arraycopy(body, 0, data, 4, body.length);
        return data;
    }

    private static byte[] supported(boolean subpages) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int page : PAGES) {
            body.write(page);
            if (subpages) {
                body.write(0);
                if (page == SUPPORTED) {
                    body.write(SUPPORTED);
                    body.write(ALL_SUBPAGES);
                }
            }
        }
        return body.toByteArray();
    }

    private static byte[] counters(Counters counters, int pointer) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int code = pointer; code <= UNCORRECTED; code++) {
            byte[] value = new byte[8];
            BigEndian.put64(
                    value,
                    0,
                    code == BYTES_PROCESSED ? counters.bytes() : code == UNCORRECTED ? counters.uncorrected() : 0);
            // A bounded counter, which is a number and not a list.
            body.writeBytes(parameter(code, 0, value));
        }
        return body.toByteArray();
    }

    private static byte[] temperature(int pointer) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int code = pointer; code <= 1; code++) {
            body.writeBytes(parameter(code, FORMAT_BINARY_LIST, new byte[] {0, (byte) UNKNOWN}));
        }
        return body.toByteArray();
    }

    private static byte[] exceptions() {
        return parameter(0, FORMAT_BINARY_LIST, new byte[] {0, 0, (byte) UNKNOWN, 0});
    }

    private static byte[] parameter(int code, int control, byte[] value) {
        byte[] data = new byte[4 + value.length];
        BigEndian.put16(data, 0, code);
        data[2] = (byte) control;
        data[3] = (byte) value.length;
        System.arraycopy(value, 0, data, 4, value.length);
        return data;
    }
}
