package dev.ringside.scsi.mode;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;
import java.util.List;

/**
 * The mode parameters of a disk that can differ, and the mode pages that they make (SPC-5, 7.5; SBC-4, 6.5). Immutable.
 *
 * @param hasWriteCache whether the disk has a write cache that can be turned off
 * @param writeCache whether it is on (WCE)
 * @param descriptorSense whether sense data is sent in the descriptor format (D_SENSE)
 * @param writeProtect whether software has protected the disk (SWP)
 */
public record ModeParameters(boolean hasWriteCache, boolean writeCache, boolean descriptorSense, boolean writeProtect) {
    /** Read-Write Error Recovery mode page. */
    public static final int ERROR_RECOVERY = 0x01;
    /** Caching mode page. */
    public static final int CACHING = 0x08;
    /** Control mode page. */
    public static final int CONTROL = 0x0a;
    /** Informational Exceptions Control mode page. */
    public static final int EXCEPTIONS = 0x1c;
    /** Asks for all pages. */
    public static final int ALL_PAGES = 0x3f;

    /** The pages, in the order in which all of them are sent. */
    public static final List<Integer> PAGES = List.of(ERROR_RECOVERY, CACHING, CONTROL, EXCEPTIONS);

    private static final int WCE = 0x04;
    private static final int D_SENSE = 0x04;
    private static final int SWP = 0x08;

    /** What a disk has when it is made. */
    public static ModeParameters initial(boolean hasWriteCache) {
        return new ModeParameters(hasWriteCache, hasWriteCache, false, false);
    }

    /** Which value of a page is meant: the page control field. */
    public enum Control {
        /** What is in force. */
        CURRENT,
        /** A bit for each that MODE SELECT can change. */
        CHANGEABLE,
        /** What was in force first. */
        DEFAULT,
        /** What was saved; nothing can be. */
        SAVED;

        private static final Control[] ALL = values();

        /** The control of a code from 0 to 3. */
        public static Control of(int code) {
            return ALL[code];
        }
    }

    /** A page, header included; empty bytes if there is none of that code. */
    public byte[] page(int code, Control control) {
        return switch (control) {
            case CURRENT -> current(code);
            case DEFAULT, SAVED -> initial(hasWriteCache).current(code);
            case CHANGEABLE -> changeable(code);
        };
    }

    /** Whether a Caching mode page, header included, says that the write cache is on (WCE). */
    public static boolean writeCache(byte[] cachingPage) {
        return cachingPage.length > 2 && (cachingPage[2] & WCE) != 0;
    }

    /** The same with what a page says. */
    ModeParameters with(byte[] page) {
        return switch (page[0] & 0x3f) {
            case CACHING -> new ModeParameters(hasWriteCache, writeCache(page), descriptorSense, writeProtect);
            case CONTROL ->
                new ModeParameters(hasWriteCache, writeCache, (page[2] & D_SENSE) != 0, (page[4] & SWP) != 0);
            default -> this;
        };
    }

    private byte[] current(int code) {
        switch (code) {
            case ERROR_RECOVERY -> {
                byte[] page = page(code, 12);
                // AWRE and ARRE: whatever reallocates blocks does it by itself.
                page[2] = (byte) 0xc0;
                return page;
            }
            case CACHING -> {
                byte[] page = page(code, 20);
                page[2] = (byte) (writeCache ? WCE : 0);
                return page;
            }
            case CONTROL -> {
                byte[] page = page(code, 12);
                // GLTSD: counters are not saved.
                page[2] = (byte) ((descriptorSense ? D_SENSE : 0) | 0x02);
                // Queue algorithm modifier: unrestricted reordering.
                page[3] = 0x10;
                page[4] = (byte) (writeProtect ? SWP : 0);
                // Busy time-out period: none is set.
                BigEndian.put16(page, 8, 0xffff);
                return page;
            }
            case EXCEPTIONS -> {
                byte[] page = page(code, 12);
                // DEXCPT: none is reported.
                page[2] = 0x08;
                return page;
            }
            default -> {
                return new byte[0];
            }
        }
    }

    private byte[] changeable(int code) {
        byte[] page = current(code);
        if (page.length > 0) {
            Arrays.fill(page, 2, page.length, (byte) 0);
        }
        if (code == CACHING) {
            page[2] = (byte) (hasWriteCache ? WCE : 0);
        } else if (code == CONTROL) {
            page[2] = D_SENSE;
            page[4] = SWP;
        }
        return page;
    }

    private static byte[] page(int code, int bytes) {
        byte[] page = new byte[bytes];
        page[0] = (byte) code;
        page[1] = (byte) (bytes - 2);
        return page;
    }
}
