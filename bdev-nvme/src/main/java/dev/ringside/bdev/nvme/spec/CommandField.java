package dev.ringside.bdev.nvme.spec;

/** Values of fields of commands, by the command that they belong to. */
public final class CommandField {
    // Identify, CNS (base 2.0, 5.17.1)
    public static final int CNS_NAMESPACE = 0x00;
    public static final int CNS_CONTROLLER = 0x01;
    public static final int CNS_ACTIVE_NAMESPACES = 0x02;
    public static final int CNS_DESCRIPTORS = 0x03;
    public static final int CNS_NVM_CONTROLLER = 0x06;

    // Namespace identification descriptors, NIDT
    public static final int NIDT_EUI64 = 1;
    public static final int NIDT_NGUID = 2;
    public static final int NIDT_UUID = 3;
    public static final int NIDT_CSI = 4;

    // Get Log Page, LID (base 2.0, 5.16.1)
    public static final int LOG_ERROR = 0x01;
    public static final int LOG_HEALTH = 0x02;
    public static final int LOG_FIRMWARE = 0x03;
    public static final int LOG_CHANGED_NAMESPACES = 0x04;
    public static final int LOG_SANITIZE = 0x81;

    // Features, FID (base 2.0, 5.27.1)
    public static final int FEATURE_NUMBER_OF_QUEUES = 0x07;
    public static final int FEATURE_ASYNC_EVENTS = 0x0b;

    /** In CDW10 of Set Features: the value outlasts resets. */
    public static final int FEATURE_SAVE = 1 << 31;

    // Format NVM, CDW10 (base 2.0, 5.14)
    public static final int SECURE_ERASE_SHIFT = 9;

    /** Asynchronous events that are asked for: all critical warnings, and changed namespaces. */
    public static final int ASYNC_EVENTS = 0x1f | 1 << 8;

    // Asynchronous events (base 2.0, 5.2.1), type in bits 2:0 of DW0, information in bits 15:8
    public static final int EVENT_ERROR = 0;
    public static final int EVENT_HEALTH = 1;
    public static final int EVENT_NOTICE = 2;
    public static final int NOTICE_NAMESPACES_CHANGED = 0;

    // Create I/O queues, CDW11
    public static final int QUEUE_CONTIGUOUS = 1;
    public static final int CQ_INTERRUPTS = 2;

    /** Force unit access, in CDW12 of Write and of Write Zeroes. */
    public static final int FUA = 1 << 30;

    /** Deallocate, in CDW12 of Write Zeroes. */
    public static final int DEAC = 1 << 25;

    /** Deallocate, in CDW11 of Dataset Management. */
    public static final int DSM_DEALLOCATE = 1 << 2;

    // A range of Dataset Management: context attributes, length in blocks, first block
    public static final int DSM_RANGE_LENGTH = 4;
    public static final int DSM_RANGE_LBA = 8;

    // Copy (NVM 1.0, 3.2.2): in CDW12 the number of ranges, 0-based, and descriptor format 0h; a source range entry of
    // that format
    public static final int COPY_ONE_RANGE = 0;
    public static final int COPY_RANGE_SIZE = 32;
    public static final int COPY_RANGE_LBA = 8;
    public static final int COPY_RANGE_LENGTH = 16;

    // SGL descriptors (base 2.0, 4.1.2): address, length, type in the highest byte
    public static final int SGL_LENGTH = 8;
    public static final int SGL_SIZE = 16;
    public static final long SGL_DATA_BLOCK = 0L;
    public static final long SGL_LAST_SEGMENT = 3L << 60;

    /** All namespaces. */
    public static final int ALL_NAMESPACES = 0xffffffff;

    private CommandField() {}
}
