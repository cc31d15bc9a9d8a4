package dev.ringside.bdev.scsi.mpt3sas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * SAS I/O unit pages 0 and 1 (mpi2_cnfg.h), extended pages: the adapter's own phys, and how it treats devices.
 *
 * <pre>
 *   page 0: 0x0c NumPhys  0x10 PhyData of 20 bytes for each phy:
 *           0 Port  1 PortFlags  3 NegotiatedLinkRate  8 AttachedDevHandle (16)  10 ControllerDevHandle (16)
 *   page 1: 0x0a SASNarrowMaxQueueDepth (16)  0x0e SASWideMaxQueueDepth (16)  0x11 SATAMaxQDepth
 *           0x12 ReportDeviceMissingDelay (bits 6 to 0, in s, or in units of 16 s with bit 7)  0x13 IODeviceMissingDelay (s)
 * </pre>
 */
public final class SasIoUnitPages {
    public static final int NUM_PHYS = 0x0c;
    public static final int PHY_DATA = 0x10;
    /** Bytes of one phy in page 0. */
    public static final int PHY_BYTES = 20;

    public static final int PORT = 0;
    public static final int PORT_FLAGS = 1;
    public static final int PORT_FLAGS_AUTO_PORT_CONFIG = 0x01;
    public static final int NEGOTIATED_LINK_RATE = 3;
    public static final int ATTACHED_DEV_HANDLE = 8;
    public static final int CONTROLLER_DEV_HANDLE = 10;
    /** Least bytes of page 0: with one phy. */
    public static final int PAGE_0_BYTES = PHY_DATA + PHY_BYTES;

    public static final int SAS_NARROW_MAX_QUEUE_DEPTH = 0x0a;
    public static final int SAS_WIDE_MAX_QUEUE_DEPTH = 0x0e;
    public static final int SATA_MAX_Q_DEPTH = 0x11;
    /** After so long the IOC tells of a device that does not respond. */
    public static final int REPORT_DEVICE_MISSING_DELAY = 0x12;
    /** After so long the IOC ends requests to a device that does not respond. */
    public static final int IO_DEVICE_MISSING_DELAY = 0x13;

    public static final int REPORT_MISSING_UNIT_16 = 0x80;
    public static final int REPORT_MISSING_TIMEOUT_MASK = 0x7f;
    /** Least bytes of page 1: without phys. */
    public static final int PAGE_1_BYTES = 0x14;

    /** How long an IOC waits for a device that does not respond, in s, as page 1 says. */
    public static int missingDelay(MemorySegment page) {
        int told = Fields.u8(page, REPORT_DEVICE_MISSING_DELAY);
        int report = (told & REPORT_MISSING_TIMEOUT_MASK) * ((told & REPORT_MISSING_UNIT_16) != 0 ? 16 : 1);
        return Math.max(report, Fields.u8(page, IO_DEVICE_MISSING_DELAY));
    }

    private SasIoUnitPages() {}
}
