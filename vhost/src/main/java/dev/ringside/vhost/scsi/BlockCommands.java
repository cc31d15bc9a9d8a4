package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.UnitPages;

/**
 * The commands of a disk that read, write or name blocks (SBC-4, 5), over its bdev. Data goes between guest memory and the bdev
 * without a copy, but for what has to be compared or repeated. Owned by the queue's reactor; allocates nothing for a read or
 * a write.
 */
final class BlockCommands {
    /** Most bytes that COMPARE AND WRITE compares. */
    static final int MAX_COMPARE_BYTES = UnitPages.MAX_COMPARE_BYTES;

    /** What is done when the block layer answers. */
    private static final int READ = 0;

    private static final int READ_AFTER_FLUSH = 1;
    private static final int WRITE = 2;
    private static final int THEN_VERIFY = 3;
    static final int UNMAP = 4;
    private static final int OTHER = 5;
    private static final int FLUSH_THEN_STOP = 6;

    private final RequestQueue queue;
    private final Sweeps sweeps;
    private final CompareAndWrite atomics;
    private final Unmaps unmaps;

    BlockCommands(RequestQueue queue) {
        this.queue = queue;
        GuestData guest = new GuestData();
        this.sweeps = new Sweeps(queue, guest);
        this.atomics = new CompareAndWrite(queue, guest);
        this.unmaps = new Unmaps(queue);
    }

    /** Starts a command whose reserved bits have been looked at; false if it is none of these. */
    boolean start(ScsiRequest request, LunWay way, Operation operation) {
        int state = way.nexus.state();
        switch (operation) {
            case READ_6, READ_10, READ_12, READ_16 -> {
                if (ready(request, way, state)) {
                    read(request, way, operation);
                }
            }
            case WRITE_6, WRITE_10, WRITE_12, WRITE_16 -> {
                if (writable(request, way, state)) {
                    boolean fua = operation.length() > 6 && Cdb.fua(request.cdb);
                    write(request, way, fua || (state & Nexus.WRITE_THROUGH) != 0, WRITE);
                }
            }
            case WRITE_AND_VERIFY_10, WRITE_AND_VERIFY_12, WRITE_AND_VERIFY_16 -> {
                if (Cdb.byteCheck(request.cdb) > 1) {
                    queue.invalidField(request, FieldPointer.inCdb(1, 2));
                } else if (writable(request, way, state)) {
                    write(request, way, true, THEN_VERIFY);
                }
            }
            case VERIFY_10, VERIFY_12, VERIFY_16 -> verify(request, way, state);
            case WRITE_SAME_10, WRITE_SAME_16 -> writeSame(request, way, state);
            case COMPARE_AND_WRITE -> compareAndWrite(request, way, state);
            case UNMAP -> unmap(request, state);
            case GET_LBA_STATUS -> status(request, way, state);
            case PRE_FETCH_10, PRE_FETCH_16 -> {
                // There is no cache of our own to fetch into: GOOD, and not CONDITION MET.
                if (ready(request, way, state)) {
                    queue.end(request, ScsiStatus.GOOD);
                }
            }
            case SYNCHRONIZE_CACHE_10, SYNCHRONIZE_CACHE_16 -> {
                if (ready(request, way, state)) {
                    synchronize(request, way);
                }
            }
            case TEST_UNIT_READY -> {
                if (started(request, state)) {
                    queue.end(request, ScsiStatus.GOOD);
                }
            }
            case START_STOP_UNIT -> {
                return flushesFirst(request, way, state);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Whether a START STOP UNIT is on its way, having to write what is cached to the medium before it stops the unit. */
    private boolean flushesFirst(ScsiRequest request, LunWay way, int state) {
        boolean flushes = way.flushes && Cdb.stopsAndFlushes(request.cdb) && (state & Nexus.NO_STOP) == 0;
        if (flushes) {
            flush(request, way, FLUSH_THEN_STOP);
        }
        return flushes;
    }

    /** The block layer has ended what was submitted for a request. */
    void ioDone(ScsiRequest request, int status) {
        int phase = request.phase;
        if (request.io.type().modifies()) {
            request.lun().fence.ended(request.epoch);
        }
        if (status != IoStatus.OK) {
            queue.failed(request, phase == READ, status);
            return;
        }
        LunWay way = request.lun();
        if (request.isAborted() && phase != READ) {
            // What comes after this step is not wanted any more.
            request.inUsed = 0;
            queue.end(request, ScsiStatus.GOOD);
            return;
        }
        switch (phase) {
            case READ_AFTER_FLUSH -> submitRead(request, way);
            case THEN_VERIFY -> sweepToVerify(request);
            case UNMAP -> unmaps.rangeDone(request);
            case FLUSH_THEN_STOP -> queue.control(request, Operation.START_STOP_UNIT);
            default -> queue.end(request, ScsiStatus.GOOD);
        }
    }

    /** Ends what waits for others, and has been aborted. */
    void endAborted() {
        sweeps.endAborted();
        atomics.endAborted();
    }

    /** Does a piece of what is done in pieces. */
    void goOn() {
        unmaps.goOn();
        sweeps.goOn();
    }

    /** Whether {@link #goOn} has nothing to do. */
    boolean isIdle() {
        return unmaps.isIdle() && sweeps.isIdle();
    }

    private void read(ScsiRequest request, LunWay way, Operation operation) {
        long bytes = request.blocks << way.blockShift;
        if (bytes > request.inBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
            return;
        }
        if (bytes == 0) {
            queue.end(request, ScsiStatus.GOOD);
            return;
        }
        request.writable().dropBack(request.inBytes - bytes);
        request.inUsed = bytes;
        if (operation.length() > 6 && Cdb.fua(request.cdb) && way.cached) {
            // What is read has to be on the medium.
            flush(request, way, READ_AFTER_FLUSH);
        } else {
            submitRead(request, way);
        }
    }

    private void submitRead(ScsiRequest request, LunWay way) {
        request.phase = READ;
        request.io.prepare(IoType.READ, request.lba, request.blocks, request.writable(), 0);
        queue.submit(way, request.io);
    }

    private void write(ScsiRequest request, LunWay way, boolean through, int phase) {
        long bytes = request.blocks << way.blockShift;
        if (bytes > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
            return;
        }
        if (bytes == 0) {
            queue.end(request, ScsiStatus.GOOD);
            return;
        }
        request.readable().dropBack(request.outBytes - bytes);
        request.outUsed = bytes;
        request.phase = phase;
        request.io.prepare(IoType.WRITE, request.lba, request.blocks, request.readable(), through ? BdevIo.FUA : 0);
        queue.submitWrite(request);
    }

    private void verify(ScsiRequest request, LunWay way, int state) {
        int check = Cdb.byteCheck(request.cdb);
        if (check == 2) {
            queue.invalidField(request, FieldPointer.inCdb(1, 2));
            return;
        }
        if (!ready(request, way, state)) {
            return;
        }
        long blocks = request.blocks;
        long wanted = check == 0 || blocks == 0 ? 0 : (check == 3 ? 1 : blocks) << way.blockShift;
        if (wanted > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
        } else if (blocks == 0) {
            queue.end(request, ScsiStatus.GOOD);
        } else {
            request.outUsed = wanted;
            if (way.cached) {
                // What is verified has to be on the medium.
                flush(request, way, THEN_VERIFY);
            } else {
                sweepToVerify(request);
            }
        }
    }

    private void sweepToVerify(ScsiRequest request) {
        int check = Cdb.byteCheck(request.cdb);
        sweeps.begin(request, check == 0 ? Sweep.VERIFY : check == 1 ? Sweep.COMPARE : Sweep.COMPARE_ONE);
    }

    private void writeSame(ScsiRequest request, LunWay way, int state) {
        boolean unmaps = Cdb.unmaps(request.cdb);
        if (unmaps && !way.operations.contains(Operation.UNMAP)) {
            queue.invalidField(request, FieldPointer.inCdb(1, 3));
            return;
        }
        if (!writable(request, way, state)) {
            return;
        }
        if (request.blocks == 0 || request.blocks > UnitPages.MAX_WRITE_SAME_BLOCKS) {
            // WSNZ says that none does not mean the whole disk.
            queue.invalidField(request, FieldPointer.inCdb(Cdb.blocksAt(request.cdb)));
            return;
        }
        boolean noData = Cdb.noData(request.cdb);
        long bytes = noData ? 0 : 1L << way.blockShift;
        if (bytes > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
            return;
        }
        request.outUsed = bytes;
        boolean zero = way.zeroes && (noData || sweeps.bringsZero(request, bytes));
        if (zero) {
            zero(request, unmaps ? BdevIo.MAY_UNMAP : 0, OTHER);
        } else {
            sweeps.begin(request, noData ? Sweep.FILL_ZERO : Sweep.FILL);
        }
    }

    private void compareAndWrite(ScsiRequest request, LunWay way, int state) {
        if (!writable(request, way, state)) {
            return;
        }
        long bytes = 2 * (request.blocks << way.blockShift);
        // Too much data is no residual here: of another number of blocks, the half to be written begins elsewhere.
        if (bytes > 2L * MAX_COMPARE_BYTES || bytes < request.outBytes) {
            queue.invalidField(request, FieldPointer.inCdb(13));
        } else if (bytes > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
        } else if (bytes == 0) {
            queue.end(request, ScsiStatus.GOOD);
        } else {
            request.outUsed = bytes;
            atomics.begin(request);
        }
    }

    private void unmap(ScsiRequest request, int state) {
        if (started(request, state) && unprotected(request, state)) {
            unmaps.begin(request);
        }
    }

    /** Writes zeroes to the range of a request; through where every write is. */
    void zero(ScsiRequest request, int flags, int phase) {
        boolean through = (request.lun().nexus.state() & Nexus.WRITE_THROUGH) != 0;
        int allFlags = flags | (through ? BdevIo.FUA : 0);
        request.phase = phase;
        request.io.prepare(IoType.WRITE_ZEROES, request.lba, request.blocks, request.part, allFlags);
        queue.submitWrite(request);
    }

    private void status(ScsiRequest request, LunWay way, int state) {
        request.lba = BigEndian.u64(request.cdb, 2);
        long numBlocks = way.channel.numBlocks();
        if (!started(request, state)) {
            return;
        }
        if (request.lba < 0 || request.lba >= numBlocks) {
            queue.check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 0);
            return;
        }
        request.blocks = numBlocks - request.lba;
        sweeps.begin(request, Sweep.STATUS);
    }

    /** Ends a request when all that is cached is on the medium. */
    void synchronize(ScsiRequest request, LunWay way) {
        if (!way.flushes) {
            queue.end(request, ScsiStatus.GOOD);
            return;
        }
        flush(request, way, OTHER);
    }

    private void flush(ScsiRequest request, LunWay way, int phase) {
        request.phase = phase;
        request.io.prepare(IoType.FLUSH, 0, 0);
        queue.submit(way, request.io);
    }

    /** Whether a command that writes can go on; takes its range. Ends the request if not. */
    private boolean writable(ScsiRequest request, LunWay way, int state) {
        return ready(request, way, state) && unprotected(request, state);
    }

    private boolean unprotected(ScsiRequest request, int state) {
        if ((state & (Nexus.READ_ONLY | Nexus.SOFTWARE_PROTECTED)) == 0) {
            return true;
        }
        queue.check(
                request,
                SenseKey.DATA_PROTECT,
                (state & Nexus.READ_ONLY) != 0
                        ? AdditionalSense.HARDWARE_WRITE_PROTECTED
                        : AdditionalSense.LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED,
                0);
        return false;
    }

    /** Whether a command on a range can go on; takes the range. Ends the request if not. */
    private boolean ready(ScsiRequest request, LunWay way, int state) {
        if (!started(request, state)) {
            return false;
        }
        request.lba = Cdb.lba(request.cdb);
        request.blocks = Cdb.blocks(request.cdb);
        if (outside(request.lba, request.blocks, way.channel.numBlocks())) {
            queue.check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 0);
            return false;
        }
        return true;
    }

    private boolean started(ScsiRequest request, int state) {
        if ((state & Nexus.STOPPED) == 0) {
            return true;
        }
        queue.check(
                request, SenseKey.NOT_READY, AdditionalSense.LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED, 0);
        return false;
    }

    /** Whether a range is not inside the disk. */
    static boolean outside(long lba, long blocks, long numBlocks) {
        return lba < 0 || lba > numBlocks || blocks > numBlocks - lba;
    }
}
