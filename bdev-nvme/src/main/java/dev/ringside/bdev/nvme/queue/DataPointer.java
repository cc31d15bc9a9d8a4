package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.nvme.spec.CommandField;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaTranslation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Tells a controller where the data of one command is: by PRP entries (base 2.0, 4.1.1), or by an SGL (4.1.2) where these
 * cannot, or not at all where the memory is not of a kind that the controller reaches. One for each command that can be in
 * flight, with a page for its list; reused for ever.
 */
final class DataPointer {
    private static final int PRP_SHIFT = 3;
    private static final int WORD_MASK = 3;

    private final MemorySegment list;
    private final long listIova;
    private final int pageSize;
    private final int listEntries;
    private final int sglBlocks;
    /** Bits of addresses and lengths in an SGL that have to be zero; negative: there are no SGLs. */
    private final int sglMask;

    /** First half of the data pointer. */
    long first;
    /** Second half of the data pointer. */
    long second;
    /** Whether the pointer is an SGL descriptor. */
    boolean sgl;

    /**
     * Makes one.
     *
     * @param page for the list
     * @param pageSize of the controller (CC.MPS), in bytes
     * @param sglMask what has to be zero in addresses and lengths of an SGL; negative: the controller takes none
     */
    DataPointer(DmaBuffer page, int pageSize, int sglMask) {
        this.list = page.segment();
        this.listIova = page.iova();
        this.pageSize = pageSize;
        this.listEntries = pageSize >> PRP_SHIFT;
        this.sglBlocks = pageSize / CommandField.SGL_SIZE;
        this.sglMask = sglMask;
    }

    /** The command has no data. */
    void none() {
        first = 0;
        second = 0;
        sgl = false;
    }

    /** The data is memory that the controller reaches as a whole, from a page's beginning. */
    boolean contiguous(long iova, long bytes) {
        sgl = false;
        first = iova;
        long rest = iova + pageSize;
        long left = bytes - pageSize;
        if (left <= pageSize) {
            second = left > 0 ? rest : 0;
            return true;
        }
        return listed(appendPages(0, rest, left));
    }

    /** The data is a range that Dataset Management is to deallocate. */
    void range(long lba, long blocks) {
        list.set(ValueLayout.JAVA_INT, 0, 0);
        list.set(ValueLayout.JAVA_INT, CommandField.DSM_RANGE_LENGTH, (int) blocks);
        list.set(ValueLayout.JAVA_LONG, CommandField.DSM_RANGE_LBA, lba);
        sgl = false;
        first = listIova;
        second = 0;
    }

    /** The data is a range that Copy is to read. */
    void source(long lba, long blocks) {
        for (long at = 0; at < CommandField.COPY_RANGE_SIZE; at += Long.BYTES) {
            list.set(ValueLayout.JAVA_LONG, at, 0);
        }
        list.set(ValueLayout.JAVA_LONG, CommandField.COPY_RANGE_LBA, lba);
        list.set(ValueLayout.JAVA_SHORT, CommandField.COPY_RANGE_LENGTH, (short) (blocks - 1));
        sgl = false;
        first = listIova;
        second = 0;
    }

    /** The data is in a list of extents; false if the controller cannot be told so. */
    boolean scattered(ScatterList data, DmaTranslation translation) {
        return prp(data, translation) || (sglMask >= 0 && sgl(data, translation));
    }

    /** Every extent but the first begins with a page, and every one but the last ends with one. */
    private boolean prp(ScatterList data, DmaTranslation translation) {
        int mask = pageSize - 1;
        int extents = data.count();
        int entries = 0;
        boolean begun = false;
        for (int i = 0; i < extents; i++) {
            long length = data.length(i);
            if (length == 0) {
                continue;
            }
            long iova = translation.iova(data.address(i), length);
            boolean ends = i == extents - 1 || ((iova + length) & mask) == 0;
            if (iova == DmaTranslation.NONE || !ends || (iova & (begun ? mask : WORD_MASK)) != 0) {
                return false;
            }
            if (!begun) {
                begun = true;
                first = iova;
                long inPage = Math.min(length, pageSize - (iova & mask));
                iova += inPage;
                length -= inPage;
            }
            entries = appendPages(entries, iova, length);
            if (entries < 0) {
                return false;
            }
        }
        sgl = false;
        return listed(entries);
    }

    private int appendPages(int from, long iova, long bytes) {
        int at = from;
        for (long left = bytes; left > 0; left -= pageSize) {
            if (at < 0 || at == listEntries) {
                return -1;
            }
            list.set(ValueLayout.JAVA_LONG, (long) at++ << PRP_SHIFT, iova);
            iova += pageSize;
        }
        return at;
    }

    private boolean listed(int entries) {
        if (entries < 0) {
            return false;
        }
        second = entries == 0 ? 0 : entries == 1 ? list.get(ValueLayout.JAVA_LONG, 0) : listIova;
        return true;
    }

    private boolean sgl(ScatterList data, DmaTranslation translation) {
        int extents = data.count();
        int blocks = 0;
        for (int i = 0; i < extents; i++) {
            long length = data.length(i);
            if (length == 0) {
                continue;
            }
            long iova = translation.iova(data.address(i), length);
            if (iova == DmaTranslation.NONE || ((iova | length) & sglMask) != 0 || blocks == sglBlocks) {
                return false;
            }
            long at = (long) blocks++ * CommandField.SGL_SIZE;
            list.set(ValueLayout.JAVA_LONG, at, iova);
            list.set(ValueLayout.JAVA_LONG, at + CommandField.SGL_LENGTH, length | CommandField.SGL_DATA_BLOCK);
        }
        sgl = true;
        if (blocks == 1) {
            first = list.get(ValueLayout.JAVA_LONG, 0);
            second = list.get(ValueLayout.JAVA_LONG, CommandField.SGL_LENGTH);
        } else {
            first = listIova;
            second = (long) blocks * CommandField.SGL_SIZE | CommandField.SGL_LAST_SEGMENT;
        }
        return true;
    }
}
