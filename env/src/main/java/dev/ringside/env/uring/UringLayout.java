package dev.ringside.env.uring;

import dev.ringside.env.ffi.CConstants;
import dev.ringside.env.ffi.CExpression;
import dev.ringside.env.ffi.CStruct;

/** The structures and constants of io_uring (linux/io_uring.h). */
final class UringLayout {
    private UringLayout() {}

    /**
     * A submission queue entry. Which meaning the fields at 8, 24 and 28 have depends on the operation.
     *
     * <pre>
     *       0        1        2                 4                                  8
     *      +--------+--------+-----------------+-----------------------------------+
     *   0  | opcode | flags  | ioprio          | fd                                |
     *      +--------+--------+-----------------+-----------------------------------+
     *   8  | off                                                                    |
     *      +------------------------------------------------------------------------+
     *  16  | addr                                                                   |
     *      +-----------------------------------+------------------------------------+
     *  24  | len                               | rw_flags                           |
     *      +-----------------------------------+------------------------------------+
     *  32  | user_data                                                              |
     *      +-----------------+-----------------+------------------------------------+
     *  40  | buf_index       | personality     | file_index                         |
     *      +-----------------+-----------------+------------------------------------+
     *  48  | addr3, 0                                                               |
     *      +------------------------------------------------------------------------+
     *  56  | 0                                                                      |
     *      +------------------------------------------------------------------------+
     * </pre>
     */
    @CStruct("struct io_uring_sqe")
    static final class Sqe {
        static final int OPCODE = 0;
        static final int FLAGS = 1;
        static final int FD = 4;
        static final int OFF = 8;
        static final int ADDR = 16;
        static final int LEN = 24;
        static final int RW_FLAGS = 28;
        static final int USER_DATA = 32;
        static final int BUF_INDEX = 40;
        static final int ADDR3 = 48;

        @CExpression("offsetof(struct io_uring_sqe, __pad2)")
        static final int PAD = 56;

        static final int SIZE = 64;

        private Sqe() {}
    }

    /**
     * A completion queue entry.
     *
     * <pre>
     *  0               8       12      16
     * +---------------+-------+-------+
     * | user_data     | res   | flags |
     * +---------------+-------+-------+
     * </pre>
     */
    @CStruct("struct io_uring_cqe")
    static final class Cqe {
        static final int USER_DATA = 0;
        static final int RES = 8;
        static final int FLAGS = 12;
        static final int SIZE = 16;

        private Cqe() {}
    }

    /**
     * What io_uring_setup(2) is told, and tells: sizes, and where in the mapped rings each field is.
     *
     * <pre>
     *  0            4            8       20         40         80         120
     * +------------+------------+-------+----------+----------+----------+
     * | sq_entries | cq_entries | flags | features | sq_off   | cq_off   |
     * +------------+------------+-------+----------+----------+----------+
     * </pre>
     */
    @CStruct("struct io_uring_params")
    static final class Params {
        static final int SQ_ENTRIES = 0;
        static final int CQ_ENTRIES = 4;
        static final int FLAGS = 8;
        static final int FEATURES = 20;

        @CExpression("offsetof(struct io_uring_params, sq_off.head)")
        static final int SQ_HEAD = 40;

        @CExpression("offsetof(struct io_uring_params, sq_off.tail)")
        static final int SQ_TAIL = 44;

        @CExpression("offsetof(struct io_uring_params, sq_off.flags)")
        static final int SQ_FLAGS = 56;

        @CExpression("offsetof(struct io_uring_params, sq_off.array)")
        static final int SQ_ARRAY = 64;

        @CExpression("offsetof(struct io_uring_params, cq_off.head)")
        static final int CQ_HEAD = 80;

        @CExpression("offsetof(struct io_uring_params, cq_off.tail)")
        static final int CQ_TAIL = 84;

        @CExpression("offsetof(struct io_uring_params, cq_off.cqes)")
        static final int CQ_CQES = 100;

        static final int SIZE = 120;

        private Params() {}
    }

    /**
     * What IORING_REGISTER_PROBE tells: this header, then an array of {@link ProbeOp}.
     *
     * <pre>
     *  0         1         2              16
     * +---------+---------+--------------+--------
     * | last_op | ops_len | 0            | ops ...
     * +---------+---------+--------------+--------
     * </pre>
     */
    @CStruct("struct io_uring_probe")
    static final class Probe {
        static final int OPS_LEN = 1;
        static final int SIZE = 16;

        private Probe() {}
    }

    /**
     * One operation in a {@link Probe}.
     *
     * <pre>
     *  0    1    2       4        8
     * +----+----+-------+--------+
     * | op | 0  | flags | 0      |
     * +----+----+-------+--------+
     * </pre>
     */
    @CStruct("struct io_uring_probe_op")
    static final class ProbeOp {
        static final int FLAGS = 2;
        static final int SIZE = 8;

        private ProbeOp() {}
    }

    /**
     * What IORING_REGISTER_FILES_UPDATE is told.
     *
     * <pre>
     *  0        4      8               16
     * +--------+------+---------------+
     * | offset | 0    | fds (address) |
     * +--------+------+---------------+
     * </pre>
     */
    @CStruct("struct io_uring_files_update")
    static final class FilesUpdate {
        static final int OFFSET = 0;
        static final int FDS = 8;
        static final int SIZE = 16;

        private FilesUpdate() {}
    }

    /**
     * What IORING_REGISTER_BUFFERS2 is told.
     *
     * <pre>
     *  0    4       8    16               24               32
     * +----+-------+----+----------------+----------------+
     * | nr | flags | 0  | data (address) | tags (address) |
     * +----+-------+----+----------------+----------------+
     * </pre>
     */
    @CStruct("struct io_uring_rsrc_register")
    static final class RsrcRegister {
        static final int NR = 0;
        static final int FLAGS = 4;
        static final int SIZE = 32;

        private RsrcRegister() {}
    }

    /**
     * What IORING_REGISTER_BUFFERS_UPDATE is told.
     *
     * <pre>
     *  0        4   8                16               24   28  32
     * +--------+---+----------------+----------------+----+---+
     * | offset | 0 | data (address) | tags (address) | nr | 0 |
     * +--------+---+----------------+----------------+----+---+
     * </pre>
     */
    @CStruct("struct io_uring_rsrc_update2")
    static final class RsrcUpdate2 {
        static final int OFFSET = 0;
        static final int DATA = 8;
        static final int NR = 24;
        static final int SIZE = 32;

        private RsrcUpdate2() {}
    }

    /** The constants, under their names in C. */
    @CConstants
    static final class Constants {
        static final int SYS_io_uring_setup = 425;
        static final int SYS_io_uring_enter = 426;
        static final int SYS_io_uring_register = 427;

        static final int IORING_SETUP_CLAMP = 0x10;
        static final int IORING_SETUP_COOP_TASKRUN = 0x100;
        static final int IORING_SETUP_TASKRUN_FLAG = 0x200;
        static final int IORING_FEAT_SINGLE_MMAP = 0x1;

        static final long IORING_OFF_SQ_RING = 0;
        static final long IORING_OFF_CQ_RING = 0x8000000;
        static final long IORING_OFF_SQES = 0x10000000;

        static final int IORING_SQ_CQ_OVERFLOW = 0x2;
        static final int IORING_SQ_TASKRUN = 0x4;
        static final int IORING_ENTER_GETEVENTS = 0x1;
        static final int IORING_FSYNC_DATASYNC = 0x1;

        static final int IORING_REGISTER_FILES = 2;
        static final int IORING_UNREGISTER_FILES = 3;
        static final int IORING_REGISTER_EVENTFD = 4;
        static final int IORING_REGISTER_FILES_UPDATE = 6;
        static final int IORING_REGISTER_PROBE = 8;
        static final int IORING_REGISTER_BUFFERS2 = 15;
        static final int IORING_REGISTER_BUFFERS_UPDATE = 16;
        static final int IORING_RSRC_REGISTER_SPARSE = 0x1;
        static final int IO_URING_OP_SUPPORTED = 0x1;

        private Constants() {}
    }
}
