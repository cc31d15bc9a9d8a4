package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SAS phy page 0 (mpi2_cnfg.h), an extended page: a phy of the adapter, whose number is the page address.
 *
 * <pre>
 *   0x08 OwnerDevHandle (16)  0x0c AttachedDevHandle (16)  0x14 ProgrammedLinkRate  0x15 HwLinkRate
 *   0x1c NegotiatedLinkRate
 * </pre>
 */
public final class SasPhyPage0 {
    /** Bytes of the page. */
    public static final int BYTES = 0x20;

    public static final int OWNER_DEV_HANDLE = 0x08;
    public static final int ATTACHED_DEV_HANDLE = 0x0c;
    public static final int PROGRAMMED_LINK_RATE = 0x14;
    public static final int HW_LINK_RATE = 0x15;
    public static final int NEGOTIATED_LINK_RATE = 0x1c;

    private SasPhyPage0() {}
}
