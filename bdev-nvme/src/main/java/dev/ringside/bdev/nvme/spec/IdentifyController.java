package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.text;
import static dev.ringside.bdev.nvme.spec.Fields.u16;
import static dev.ringside.bdev.nvme.spec.Fields.u32;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a controller is (base 2.0, 5.17.2.1); the fields that are used, under the names of the specification.
 *
 * @param mdts longest transfer, as a power of two of smallest memory pages; 0: no limit
 * @param ver version, 0 before 1.2
 * @param crdt how long to wait before a retry, by CRD from 1, in units of 100 ms
 * @param acl how many Abort commands at once, 0-based
 * @param aerl how many Asynchronous Event Request commands at once, 0-based
 * @param elpe how many errors it remembers, 0-based
 * @param sanicap bits 2:0: whether it sanitizes by overwriting, erasing blocks, throwing its key away
 * @param fna bit 0: a format is of all namespaces, 1: a secure erase is
 * @param vwc bit 0: there is a volatile write cache
 * @param ocfs by bit: formats of descriptors that Copy takes
 * @param sgls bits 1:0: whether SGLs may be used, 2: with addresses and lengths in words of 32 bits only
 */
public record IdentifyController(
        int vid,
        int ssvid,
        String sn,
        String mn,
        String fr,
        int mdts,
        int cntlid,
        int ver,
        List<Integer> crdt,
        int oacs,
        int acl,
        int aerl,
        int elpe,
        int sanicap,
        int sqes,
        int cqes,
        int nn,
        int oncs,
        int fna,
        int vwc,
        int ocfs,
        int sgls,
        String subnqn) {

    /** Bytes of the data structure. */
    public static final int SIZE = 4096;

    /** OACS: Format NVM. */
    public static final int OACS_FORMAT = 1 << 1;
    /** OACS: Doorbell Buffer Config. */
    public static final int OACS_DOORBELL_BUFFER = 1 << 8;

    /** FNA: Format NVM is of all namespaces; with a secure erase. */
    public static final int FNA_FORMAT_ALL = 1;

    public static final int FNA_ERASE_ALL = 1 << 1;

    /** ONCS: Compare. */
    public static final int ONCS_COMPARE = 1;
    /** ONCS: Dataset Management. */
    public static final int ONCS_DSM = 1 << 2;
    /** ONCS: Write Zeroes. */
    public static final int ONCS_WRITE_ZEROES = 1 << 3;
    /** ONCS: Verify. */
    public static final int ONCS_VERIFY = 1 << 7;
    /** ONCS: Copy. */
    public static final int ONCS_COPY = 1 << 8;

    /** OCFS: source range entries of descriptor format 0h. */
    public static final int OCFS_FORMAT_0 = 1;

    /** Reads the data structure. */
    public static IdentifyController read(MemorySegment data) {
        return new IdentifyController(
                u16(data, 0),
                u16(data, 2),
                text(data, 4, 20),
                text(data, 24, 40),
                text(data, 64, 8),
                u8(data, 77),
                u16(data, 78),
                u32(data, 80),
                List.of(u16(data, 128), u16(data, 130), u16(data, 132)),
                u16(data, 256),
                u8(data, 258),
                u8(data, 259),
                u8(data, 262),
                u32(data, 328),
                u8(data, 512),
                u8(data, 513),
                u32(data, 516),
                u16(data, 520),
                u8(data, 524),
                u8(data, 525),
                u16(data, 534),
                u32(data, 536),
                text(data, 768, 256));
    }
}
