package dev.ringside.bdev.scsi.mptsas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * SAS device page 0 (mpi_cnfg.h), an extended page: one device that the IOC knows.
 *
 * <pre>
 *   0x08 Slot (16)            0x0a EnclosureHandle (16)  0x0c SASAddress (64)
 *   0x14 ParentDevHandle (16) 0x16 PhyNum                0x17 AccessStatus
 *   0x18 DevHandle (16)       0x1a TargetID              0x1b Bus
 *   0x1c DeviceInfo (32)      0x20 Flags (16)            0x22 PhysicalPort
 * </pre>
 *
 * @param sasAddress of the device, or, of a SATA disk, of what speaks for it
 * @param devHandle by which the IOC knows it
 * @param deviceInfo what it is
 */
public record SasDevicePage0(
        long sasAddress,
        int enclosureHandle,
        int slot,
        int phyNum,
        int accessStatus,
        int devHandle,
        int targetId,
        int bus,
        int deviceInfo,
        int flags) {
    /** Bytes of the page. */
    public static final int BYTES = 0x24;
    /** Page address form: the device with the next higher handle than the one given. */
    public static final int FORM_GET_NEXT_HANDLE = 0;
    /** Page address form: the device at a bus (bits 15:8) and target (bits 7:0). */
    public static final int FORM_BUS_TARGET_ID = 0x1000_0000;
    /** The handle from which {@link #FORM_GET_NEXT_HANDLE} begins. */
    public static final int FIRST_HANDLE = 0xffff;

    public static final int SAS_ADDRESS = 0x0c;
    public static final int PHY_NUM = 0x16;
    public static final int ACCESS_STATUS = 0x17;
    public static final int DEV_HANDLE = 0x18;
    public static final int TARGET_ID = 0x1a;
    public static final int BUS = 0x1b;
    public static final int DEVICE_INFO = 0x1c;
    public static final int FLAGS = 0x20;

    public static final int FLAGS_DEVICE_PRESENT = 0x1;
    public static final int FLAGS_DEVICE_MAPPED = 0x2;

    public static final int DEVICE_INFO_END_DEVICE = 0x1;
    public static final int DEVICE_INFO_SSP_TARGET = 0x400;
    public static final int DEVICE_INFO_STP_TARGET = 0x200;
    public static final int DEVICE_INFO_SATA_DEVICE = 0x80;

    private static final int ENCLOSURE_HANDLE = 0x0a;
    private static final int SLOT = 0x08;
    private static final int DISK = DEVICE_INFO_SSP_TARGET | DEVICE_INFO_STP_TARGET | DEVICE_INFO_SATA_DEVICE;
    private static final int ADDRESSABLE = FLAGS_DEVICE_PRESENT | FLAGS_DEVICE_MAPPED;

    /** Takes a page apart. */
    public static SasDevicePage0 of(MemorySegment page) {
        return new SasDevicePage0(
                Fields.i64(page, SAS_ADDRESS),
                Fields.u16(page, ENCLOSURE_HANDLE),
                Fields.u16(page, SLOT),
                Fields.u8(page, PHY_NUM),
                Fields.u8(page, ACCESS_STATUS),
                Fields.u16(page, DEV_HANDLE),
                Fields.u8(page, TARGET_ID),
                Fields.u8(page, BUS),
                Fields.i32(page, DEVICE_INFO),
                Fields.u16(page, FLAGS));
    }

    /** Whether SCSI commands can be sent to it: it speaks SSP, or is a SATA disk, is present, and has a target number. */
    public boolean isTarget() {
        return (deviceInfo & DISK) != 0 && (flags & ADDRESSABLE) == ADDRESSABLE;
    }

    /** Whether it is a SATA disk, for which the IOC translates. */
    public boolean isSata() {
        return (deviceInfo & DEVICE_INFO_SATA_DEVICE) != 0;
    }
}
