package dev.ringside.bdev.scsi.mpt3sas.mpi;

/** Types and addresses of configuration pages (mpi2_cnfg.h). */
public final class Pages {
    public static final int EXTPAGETYPE_SAS_IO_UNIT = 0x10;
    public static final int EXTPAGETYPE_SAS_EXPANDER = 0x11;
    public static final int EXTPAGETYPE_SAS_PHY = 0x13;
    public static final int EXTPAGETYPE_ENCLOSURE = 0x15;

    public static final int EXTPAGETYPE_SAS_PORT = 0x18;

    /** Page address form of SAS device and expander pages: the one with the next higher handle than the one given. */
    public static final int FORM_GET_NEXT_HANDLE = 0x0000_0000;
    /** Page address form of SAS device pages: the one with a handle. */
    public static final int FORM_DEVICE_HANDLE = 0x2000_0000;
    /** Page address form of enclosure pages: the one with a handle. */
    public static final int FORM_ENCLOSURE_HANDLE = 0x1000_0000;

    public static final int FORM_MASK = 0xf000_0000;
    public static final int HANDLE_MASK = 0xffff;
    /** The handle from which {@link #FORM_GET_NEXT_HANDLE} begins. */
    public static final int FIRST_HANDLE = 0xffff;

    private Pages() {}
}
