package dev.ringside.bdev.scsi.mpt3sas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * SAS expander page 0 (mpi2_cnfg.h), an extended page.
 *
 * <pre>
 *   0x08 PhysicalPort
 *   0x0a EnclosureHandle (16)  0x0c SASAddress (64)  0x18 DevHandle (16)  0x1a ParentDevHandle (16)
 *   0x20 NumPhys               0x21 SASLevel
 * </pre>
 *
 * @param devHandle by which the IOC knows it
 * @param parentDevHandle of what it is attached to
 * @param sasLevel how many expanders there are on the way from the adapter to its phys, with itself
 */
public record ExpanderPage0(
        int enclosureHandle, long sasAddress, int devHandle, int parentDevHandle, int numPhys, int sasLevel) {
    /** Bytes of the page. */
    public static final int BYTES = 0x3c;

    public static final int PHYSICAL_PORT = 0x08;
    public static final int ENCLOSURE_HANDLE = 0x0a;
    public static final int SAS_ADDRESS = 0x0c;
    public static final int DEV_HANDLE = 0x18;
    public static final int PARENT_DEV_HANDLE = 0x1a;
    public static final int NUM_PHYS = 0x20;
    public static final int SAS_LEVEL = 0x21;

    /** Takes a page apart. */
    public static ExpanderPage0 of(MemorySegment page) {
        return new ExpanderPage0(
                Fields.u16(page, ENCLOSURE_HANDLE),
                Fields.i64(page, SAS_ADDRESS),
                Fields.u16(page, DEV_HANDLE),
                Fields.u16(page, PARENT_DEV_HANDLE),
                Fields.u8(page, NUM_PHYS),
                Fields.u8(page, SAS_LEVEL));
    }
}
