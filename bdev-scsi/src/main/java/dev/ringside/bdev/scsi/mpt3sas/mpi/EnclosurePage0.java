package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SAS enclosure page 0 (mpi2_cnfg.h), an extended page.
 *
 * <pre>
 *   0x0c EnclosureLogicalID (64)  0x16 EnclosureHandle (16)  0x18 NumSlots (16)
 * </pre>
 */
public final class EnclosurePage0 {
    public static final int ENCLOSURE_LOGICAL_ID = 0x0c;
    public static final int ENCLOSURE_HANDLE = 0x16;
    public static final int NUM_SLOTS = 0x18;
    /** Bytes of the page. */
    public static final int BYTES = 0x28;

    private EnclosurePage0() {}
}
