package dev.ringside.bdev.scsi.mpi;

/**
 * Configuration request and reply, and the headers of pages (mpi_cnfg.h).
 *
 * <pre>
 *   request                                      reply
 *   0x00 Action                                  0x00 Action
 *   0x04 ExtPageLength (16)  0x06 ExtPageType    0x04 ExtPageLength (16)  0x06 ExtPageType
 *   0x14 page header (4)                         0x14 page header (4)
 *   0x18 PageAddress (32)
 *   0x1c PageBufferSGE
 *
 *   page header: 0 PageVersion  1 PageLength (words)  2 PageNumber  3 PageType
 *   of an extended page there follow: 4 ExtPageLength (16, words)  6 ExtPageType
 * </pre>
 */
public final class Config {
    public static final int ACTION = 0x00;
    public static final int EXT_PAGE_LENGTH = 0x04;
    public static final int EXT_PAGE_TYPE = 0x06;
    public static final int PAGE_VERSION = 0x14;
    public static final int PAGE_LENGTH = 0x15;
    public static final int PAGE_NUMBER = 0x16;
    public static final int PAGE_TYPE = 0x17;
    public static final int PAGE_ADDRESS = 0x18;
    public static final int PAGE_BUFFER_SGE = 0x1c;
    /** Bytes of a request with an element of 64 bits. */
    public static final int REQUEST_BYTES = 0x28;
    /** Bytes of a reply. */
    public static final int REPLY_BYTES = 0x18;

    public static final int ACTION_PAGE_HEADER = 0;
    public static final int ACTION_PAGE_READ_CURRENT = 1;
    public static final int ACTION_PAGE_WRITE_CURRENT = 2;

    public static final int PAGETYPE_IO_UNIT = 0x00;
    public static final int PAGETYPE_MANUFACTURING = 0x09;
    public static final int PAGETYPE_EXTENDED = 0x0f;
    public static final int PAGETYPE_MASK = 0x0f;
    public static final int EXTPAGETYPE_SAS_DEVICE = 0x12;

    private Config() {}
}
