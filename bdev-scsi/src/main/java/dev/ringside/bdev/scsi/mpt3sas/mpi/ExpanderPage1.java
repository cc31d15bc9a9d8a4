package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SAS expander page 1 (mpi2_cnfg.h), an extended page: a phy of an expander.
 *
 * <pre>
 *   0x08 PhysicalPort             0x0c NumPhys             0x0d Phy
 *   0x10 ProgrammedLinkRate       0x11 HwLinkRate          0x12 AttachedDevHandle (16)
 *   0x18 AttachedDeviceInfo (32)  0x1c ExpanderDevHandle (16)
 *   0x1f NegotiatedLinkRate       0x20 PhyIdentifier
 * </pre>
 */
public final class ExpanderPage1 {
    /** Bytes of the page. */
    public static final int BYTES = 0x2c;

    /** Bytes of what is of use here. */
    public static final int LEAST_BYTES = 0x24;

    public static final int PHYSICAL_PORT = 0x08;
    public static final int NUM_PHYS = 0x0c;
    public static final int PHY = 0x0d;
    public static final int PROGRAMMED_LINK_RATE = 0x10;
    public static final int HW_LINK_RATE = 0x11;
    public static final int ATTACHED_DEV_HANDLE = 0x12;
    public static final int ATTACHED_DEVICE_INFO = 0x18;
    public static final int EXPANDER_DEV_HANDLE = 0x1c;
    public static final int NEGOTIATED_LINK_RATE = 0x1f;
    public static final int PHY_IDENTIFIER = 0x20;

    /** Page address form: a phy of the expander with a handle. */
    public static final int FORM_HANDLE_PHY = 0x1000_0000;

    public static final int PHY_SHIFT = 16;
    public static final int PHY_MASK = 0xff;

    private ExpanderPage1() {}

    /** The page address of a phy of an expander. */
    public static int address(int devHandle, int phy) {
        return FORM_HANDLE_PHY | phy << PHY_SHIFT | devHandle;
    }
}
