package dev.ringside.bdev.scsi.mpt3sas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * SAS device page 0 (mpi2_cnfg.h), an extended page: one device that the IOC knows.
 *
 * <pre>
 *   0x08 Slot (16)            0x0a EnclosureHandle (16)  0x0c SASAddress (64)
 *   0x14 ParentDevHandle (16) 0x16 PhyNum                0x17 AccessStatus
 *   0x18 DevHandle (16)       0x1c DeviceInfo (32)       0x20 Flags (16)
 *   0x22 PhysicalPort         0x23 MaxPortConnections
 * </pre>
 *
 * @param sasAddress of the device, or, of a SATA disk, of what speaks for it
 * @param parentDevHandle of what it is attached to: the adapter, or an expander
 * @param phyNum of that to which it is attached
 * @param accessStatus 0, or why no commands can be sent to it
 * @param devHandle by which the IOC knows it
 * @param deviceInfo what it is
 */
public record SasDevicePage0(
        long sasAddress,
        int enclosureHandle,
        int slot,
        int parentDevHandle,
        int phyNum,
        int accessStatus,
        int devHandle,
        int deviceInfo,
        int flags,
        int maxPortConnections) {
    /** Bytes of the page. */
    public static final int BYTES = 0x38;

    public static final int SLOT = 0x08;
    public static final int ENCLOSURE_HANDLE = 0x0a;
    public static final int SAS_ADDRESS = 0x0c;
    public static final int PARENT_DEV_HANDLE = 0x14;
    public static final int PHY_NUM = 0x16;
    public static final int ACCESS_STATUS = 0x17;
    public static final int DEV_HANDLE = 0x18;
    public static final int DEVICE_INFO = 0x1c;
    public static final int FLAGS = 0x20;
    public static final int PHYSICAL_PORT = 0x22;
    public static final int MAX_PORT_CONNECTIONS = 0x23;

    public static final int ACCESS_DEVICE_BLOCKED = 0x07;
    public static final int ACCESS_SIF_AFFILIATION_CONFLICT = 0x11;

    public static final int FLAGS_DEVICE_PRESENT = 0x1;

    public static final int DEVICE_INFO_SSP_TARGET = 0x400;
    public static final int DEVICE_INFO_STP_TARGET = 0x200;
    public static final int DEVICE_INFO_SMP_TARGET = 0x100;
    public static final int DEVICE_INFO_SATA_DEVICE = 0x80;
    public static final int DEVICE_INFO_SSP_INITIATOR = 0x40;
    public static final int DEVICE_INFO_SEP = 0x4000;
    public static final int DEVICE_INFO_MASK_DEVICE_TYPE = 0x7;
    public static final int DEVICE_INFO_END_DEVICE = 0x1;
    public static final int DEVICE_INFO_EDGE_EXPANDER = 0x2;
    public static final int DEVICE_INFO_FANOUT_EXPANDER = 0x3;

    private static final int DISK = DEVICE_INFO_SSP_TARGET | DEVICE_INFO_STP_TARGET | DEVICE_INFO_SATA_DEVICE;

    /** Takes a page apart. */
    public static SasDevicePage0 of(MemorySegment page) {
        return new SasDevicePage0(
                Fields.i64(page, SAS_ADDRESS),
                Fields.u16(page, ENCLOSURE_HANDLE),
                Fields.u16(page, SLOT),
                Fields.u16(page, PARENT_DEV_HANDLE),
                Fields.u8(page, PHY_NUM),
                Fields.u8(page, ACCESS_STATUS),
                Fields.u16(page, DEV_HANDLE),
                Fields.i32(page, DEVICE_INFO),
                Fields.u16(page, FLAGS),
                Fields.u8(page, MAX_PORT_CONNECTIONS));
    }

    /** Whether it is a disk: commands can be sent to it if it {@link #isPresent} and has no {@link #accessError}. */
    public boolean isDisk() {
        return (deviceInfo & DEVICE_INFO_MASK_DEVICE_TYPE) == DEVICE_INFO_END_DEVICE
                && (deviceInfo & DISK) != 0
                && (deviceInfo & DEVICE_INFO_SEP) == 0;
    }

    /** Whether it responds; if not, the IOC waits for it, or for the driver to give its handle back. */
    public boolean isPresent() {
        return (flags & FLAGS_DEVICE_PRESENT) != 0;
    }

    /** Why no commands can be sent to it, in the words of the field AccessStatus; empty if they can. */
    public String accessError() {
        String reason = switch (accessStatus) {
            // The IOC initializes SATA devices of 0x04 when they get a command.
            case 0x00, 0x04 -> "";
            case 0x01 -> "SATA initialization failed";
            case 0x02 -> "SATA capability failed";
            case 0x03 -> "SATA affiliation conflict";
            case 0x05 -> "route not addressable";
            case 0x06 -> "SMP error, not addressable";
            case ACCESS_DEVICE_BLOCKED -> "device blocked";
            case ACCESS_SIF_AFFILIATION_CONFLICT -> "SATA initialization failed: affiliation conflict";
            case 0x12 -> "SATA initialization failed: diagnostics";
            case 0x13 -> "SATA initialization failed: identification";
            case 0x14 -> "SATA initialization failed: check power";
            case 0x18 -> "SATA initialization failed: zoning violation";
            case 0x19 -> "SATA initialization failed: not addressable";
            default -> accessStatus >= 0x10 && accessStatus <= 0x1f ? "SATA initialization failed" : "unknown";
        };
        return reason.isEmpty() ? "" : String.format("%s (access status 0x%02x)", reason, accessStatus);
    }

    /** Whether it is an expander, at the edge or fan-out. */
    public boolean isExpander() {
        int type = deviceInfo & DEVICE_INFO_MASK_DEVICE_TYPE;
        return type == DEVICE_INFO_EDGE_EXPANDER || type == DEVICE_INFO_FANOUT_EXPANDER;
    }

    /** Whether it is a SATA disk, for which the IOC translates. */
    public boolean isSata() {
        return (deviceInfo & DEVICE_INFO_SATA_DEVICE) != 0;
    }
}
