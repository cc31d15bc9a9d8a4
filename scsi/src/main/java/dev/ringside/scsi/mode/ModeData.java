package dev.ringside.scsi.mode;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * What MODE SENSE sends and MODE SELECT takes (SPC-5, 7.5.1): a header, block descriptors, pages.
 *
 * <pre>
 *  (6)  0 length (u8)     1 medium type    2 device specific    3 block descriptor length (u8)
 *  (10) 0 length (u16)    2 medium type    3 device specific    4 LONGLBA (0)    6 block descriptor length (u16)
 * </pre>
 *
 * @param longForm whether it is that of MODE SENSE (10)
 * @param numBlocks capacity, for the block descriptor
 */
public record ModeData(boolean longForm, long numBlocks, int blockSize) {
    /** Device specific parameter of a disk: it is write-protected. */
    public static final int WP = 0x80;
    /** Device specific parameter of a disk: DPO and FUA are supported. */
    public static final int DPOFUA = 0x10;

    /**
     * The answer to MODE SENSE.
     *
     * @param writeProtected whether the disk cannot be written, for whatever reason
     * @param descriptor whether a block descriptor is wanted (DBD is 0)
     * @param longBlocks whether a block descriptor with a long address is accepted (LLBAA)
     * @throws CheckCondition if there is no such page, or saved values are wanted
     */
    public byte[] sense(
            ModeParameters parameters,
            boolean writeProtected,
            boolean descriptor,
            boolean longBlocks,
            ModeParameters.Control control,
            int page,
            int subpage)
            throws CheckCondition {
        boolean all = page == ModeParameters.ALL_PAGES;
        if (subpage != 0 && (!all || subpage != 0xff)) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(3)));
        }
        if (!all && !ModeParameters.PAGES.contains(page)) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 5)));
        }
        if (control == ModeParameters.Control.SAVED) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.SAVING_PARAMETERS_NOT_SUPPORTED));
        }
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        for (int each : ModeParameters.PAGES) {
            if (all || each == page) {
                pages.writeBytes(parameters.page(each, control));
            }
        }
        byte[] block = descriptor ? blockDescriptor(longBlocks) : new byte[0];
        int header = headerBytes();
        byte[] data = new byte[header + block.length + pages.size()];
        int specific = (writeProtected ? WP : 0) | DPOFUA;
        if (longForm) {
            BigEndian.put16(data, 0, data.length - 2);
            data[3] = (byte) specific;
            data[4] = (byte) (block.length == 16 ? 1 : 0);
            BigEndian.put16(data, 6, block.length);
        } else {
            data[0] = (byte) (data.length - 1);
            data[2] = (byte) specific;
            data[3] = (byte) block.length;
        }
        System.arraycopy(block, 0, data, header, block.length);
        System.arraycopy(pages.toByteArray(), 0, data, header + block.length, pages.size());
        return data;
    }

    /**
     * What MODE SELECT asks for. Bits that cannot be changed have to be as they are.
     *
     * @param list the whole parameter list
     * @return the parameters that will be in force
     * @throws CheckCondition if the list is cut short, or asks for what cannot be
     */
    public ModeParameters select(ModeParameters now, byte[] list) throws CheckCondition {
        if (list.length == 0) {
            return now;
        }
        int header = headerBytes();
        if (list.length < header) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        boolean longBlocks = longForm && (list[4] & 1) != 0;
        int blockBytes = longForm ? BigEndian.u16(list, 6) : BigEndian.u8(list, 3);
        int mediumAt = longForm ? 2 : 1;
        if (list[mediumAt] != 0) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(mediumAt)));
        }
        if (list.length < header + blockBytes) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        if (blockBytes > 0) {
            checkBlockDescriptor(list, header, blockBytes, longBlocks);
        }
        ModeParameters next = now;
        int at = header + blockBytes;
        while (at < list.length) {
            next = selectPage(now, next, list, at);
            at += 2 + BigEndian.u8(list, at + 1);
        }
        return next;
    }

    /**
     * The device specific parameter in what a device has answered to MODE SENSE; 0 if the answer is cut short.
     *
     * @param length how many of the bytes are valid
     */
    public static int deviceSpecific(byte[] data, int length, boolean longForm) {
        int at = longForm ? 3 : 2;
        return length > at ? BigEndian.u8(data, at) : 0;
    }

    /**
     * The pages' bytes in what a device has answered to MODE SENSE: the first page of a code.
     *
     * @param length how many of the bytes are valid
     */
    public static Optional<byte[]> findPage(byte[] data, int length, boolean longForm, int code) {
        int header = longForm ? 8 : 4;
        if (length < header) {
            return Optional.empty();
        }
        int at = header + (longForm ? BigEndian.u16(data, 6) : BigEndian.u8(data, 3));
        while (at + 4 <= length) {
            boolean sub = (data[at] & 0x40) != 0;
            int bytes = sub ? 4 + BigEndian.u16(data, at + 2) : 2 + BigEndian.u8(data, at + 1);
            if (at + bytes > length) {
                return Optional.empty();
            }
            if (!sub && (data[at] & 0x3f) == code) {
                return Optional.of(Arrays.copyOfRange(data, at, at + bytes));
            }
            at += bytes;
        }
        return Optional.empty();
    }

    private static ModeParameters selectPage(ModeParameters now, ModeParameters next, byte[] list, int at)
            throws CheckCondition {
        int code = list[at] & 0x3f;
        byte[] current = now.page(code, ModeParameters.Control.CURRENT);
        if ((list[at] & 0xc0) != 0 || current.length == 0) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(at)));
        }
        if (at + 2 > list.length) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        if (list[at + 1] != current[1]) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(at + 1)));
        }
        if (at + current.length > list.length) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        byte[] changeable = now.page(code, ModeParameters.Control.CHANGEABLE);
        byte[] page = Arrays.copyOfRange(list, at, at + current.length);
        for (int i = 2; i < page.length; i++) {
            int wrong = (page[i] ^ current[i]) & ~changeable[i] & 0xff;
            if (wrong != 0) {
                int bit = 31 - Integer.numberOfLeadingZeros(wrong);
                throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(at + i, bit)));
            }
        }
        return next.with(page);
    }

    private void checkBlockDescriptor(byte[] list, int at, int bytes, boolean longBlocks) throws CheckCondition {
        if (bytes != (longBlocks ? 16 : 8)) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(longForm ? 6 : 3)));
        }
        long blocks = longBlocks ? BigEndian.u64(list, at) : BigEndian.u32(list, at);
        long size = longBlocks ? BigEndian.u32(list, at + 12) : BigEndian.u24(list, at + 5);
        boolean asItIs = blocks == numBlocks || blocks == 0 || (!longBlocks && blocks == 0xffff_ffffL);
        if (!asItIs) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(at)));
        }
        if (size != blockSize) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(longBlocks ? at + 12 : at + 5)));
        }
    }

    private byte[] blockDescriptor(boolean longBlocks) {
        if (longBlocks && longForm) {
            byte[] block = new byte[16];
            BigEndian.put64(block, 0, numBlocks);
            BigEndian.put32(block, 12, blockSize);
            return block;
        }
        byte[] block = new byte[8];
        BigEndian.put32(block, 0, Math.min(numBlocks, 0xffff_ffffL));
        BigEndian.put24(block, 5, blockSize);
        return block;
    }

    private int headerBytes() {
        return longForm ? 8 : 4;
    }
}
