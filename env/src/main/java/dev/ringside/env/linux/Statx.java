package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * What statx(2) tells of a file; the fields that we read.
 *
 * <pre>
 *    0      4         8                     28     30        40       48
 *   +------+---------+---------------------+------+---------+--------+--------
 *   | mask | blksize | ...                 | mode | ...     | size   | ...
 *   +------+---------+---------------------+------+---------+--------+--------
 *  136         140           144                  152             156
 *   +-----------+-------------+--------------------+---------------+---------------
 *   | dev_major | dev_minor   | mnt_id             | dio_mem_align | dio_offset_align
 *   +-----------+-------------+--------------------+---------------+---------------
 * </pre>
 */
@CStruct("struct statx")
final class Statx {
    static final int STX_MASK = 0;
    static final int STX_BLKSIZE = 4;
    static final int STX_MODE = 28;
    static final int STX_SIZE = 40;
    static final int STX_DEV_MAJOR = 136;
    static final int STX_DEV_MINOR = 140;
    static final int STX_DIO_MEM_ALIGN = 152;
    static final int STX_DIO_OFFSET_ALIGN = 156;
    static final int SIZE = 256;

    private Statx() {}
}
