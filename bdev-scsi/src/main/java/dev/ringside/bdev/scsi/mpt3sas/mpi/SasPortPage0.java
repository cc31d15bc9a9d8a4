package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SAS port page 0 (mpi2_cnfg.h), an extended page: a port of the adapter, which is all phys that lead to one device.
 *
 * <pre>
 *   0x08 PortNumber  0x09 PhysicalPort  0x0a PortWidth  0x0b PhysicalPortWidth
 *   0x10 SASAddress (64)                0x18 DeviceInfo (32)
 * </pre>
 */
public final class SasPortPage0 {
    /** Bytes of the page. */
    public static final int BYTES = 0x24;

    public static final int PORT_NUMBER = 0x08;
    public static final int PHYSICAL_PORT = 0x09;
    public static final int PORT_WIDTH = 0x0a;
    public static final int PHYSICAL_PORT_WIDTH = 0x0b;
    public static final int SAS_ADDRESS = 0x10;
    public static final int DEVICE_INFO = 0x18;

    /** Page address form: the port with a number. */
    public static final int FORM_PORT_NUM = 0x1000_0000;

    public static final int PORT_NUMBER_MASK = 0xfff;

    private SasPortPage0() {}
}
