package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.block.LbaStatus;
import dev.ringside.vhost.scsi.unit.Nexus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes over the range of one request in pieces. Owned by the queue's reactor. */
final class Sweep implements IoOwner, WriteFence.FencedWrite {
    /** Has the disk read, or reads, and looks at nothing. */
    static final int VERIFY = 16;
    /** Has the disk compare with the request's data, or reads and compares. */
    static final int COMPARE = 17;
    /** Compares each block with one. */
    static final int COMPARE_ONE = 18;
    /** Writes one block over and over. */
    static final int FILL = 19;
    /** Writes zeroes. */
    static final int FILL_ZERO = 20;
    /** Tells which blocks are zero. */
    static final int STATUS = 21;

    private static final int BYTES = 256 << 10;
    /** Most ranges that GET LBA STATUS tells at once; whoever wants to know more asks from there on. */
    private static final int MOST_RANGES = 256;
    /** How far GET LBA STATUS looks. */
    private static final long STATUS_BYTES = 4L << 20;

    private final Sweeps sweeps;
    private final RequestQueue queue;
    private final GuestData guest;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BYTES, 4096);
    private final BdevIo io = new BdevIo(this);
    private final ScatterList data = new ScatterList(1);
    private final List<LbaStatus> found = new ArrayList<>();
    private @Nullable ScsiRequest request;
    private int kind;
    /** Whether the disk does what there is to do. */
    private boolean byDisk;

    private int blockShift;
    private long lba;
    private long left;
    /** Bytes that are behind. */
    private long done;

    private long piece;
    private int epoch;

    Sweep(Sweeps sweeps, RequestQueue queue, GuestData guest) {
        this.sweeps = sweeps;
        this.queue = queue;
        this.guest = guest;
    }

    void begin(ScsiRequest next) {
        LunWay way = next.lun();
        request = next;
        next.inDisk = io;
        kind = next.phase;
        byDisk = (kind == VERIFY && way.verifies) || (kind == COMPARE && way.compares);
        blockShift = way.blockShift;
        lba = next.lba;
        left = next.blocks;
        done = 0;
        if (kind == STATUS) {
            found.clear();
            left = Math.min(left, STATUS_BYTES >> blockShift);
        }
        try {
            fill(next);
        } catch (InternalError e) {
            fail(-Errno.EFAULT);
            return;
        }
        sweeps.ready(this);
    }

    /** Does the next piece. */
    void goOn() {
        ScsiRequest of = current();
        if (left == 0 || isAborted()) {
            end();
            return;
        }
        piece = Math.min(left, BYTES >> blockShift);
        if (byDisk) {
            askDisk(of);
            return;
        }
        data.clear();
        data.add(buffer, 0, piece << blockShift);
        boolean writes = kind == FILL || kind == FILL_ZERO;
        boolean through = (of.lun().nexus.state() & Nexus.WRITE_THROUGH) != 0;
        io.prepare(writes ? IoType.WRITE : IoType.READ, lba, piece, data, writes && through ? BdevIo.FUA : 0);
        if (writes) {
            beginWrite();
        } else {
            queue.submit(of.lun(), io);
        }
    }

    private void askDisk(ScsiRequest of) {
        if (kind == VERIFY) {
            io.prepare(IoType.VERIFY, lba, piece);
        } else {
            of.part.slice(of.readable(), done, piece << blockShift);
            io.prepare(IoType.COMPARE, lba, piece, of.part, 0);
        }
        queue.submit(of.lun(), io);
    }

    @Override
    public void beginWrite() {
        if (isAborted()) {
            end();
            return;
        }
        LunWay way = current().lun();
        epoch = way.fence.begin(this, lba, piece);
        if (epoch >= 0) {
            queue.submit(way, io);
        }
    }

    @Override
    public boolean isAborted() {
        return current().isAborted();
    }

    @Override
    public void ioDone(BdevIo ended, int status) {
        if (ended.type().modifies()) {
            current().lun().fence.ended(epoch);
        }
        if (status == IoStatus.MISCOMPARE) {
            miscompared();
            return;
        }
        if (status != IoStatus.OK) {
            fail(status);
            return;
        }
        try {
            if (!look()) {
                miscompared();
                return;
            }
        } catch (InternalError e) {
            fail(-Errno.EFAULT);
            return;
        }
        lba += piece;
        left -= piece;
        done += piece << blockShift;
        sweeps.ready(this);
    }

    private void miscompared() {
        current().lun().nexus.unit().countVerifyError();
        fail(IoStatus.MISCOMPARE);
    }

    private void fill(ScsiRequest from) {
        if (kind == FILL_ZERO) {
            buffer.fill((byte) 0);
        } else if (kind == FILL) {
            long block = 1L << blockShift;
            from.readable().copyTo(buffer, 0, block);
            for (long at = block; at < Math.min(BYTES, left << blockShift); at += block) {
                MemorySegment.copy(buffer, 0, buffer, at, block);
            }
        }
    }

    /** Looks at a piece that was read; false if it is not what it should be. */
    private boolean look() {
        switch (kind) {
            case VERIFY, COMPARE, COMPARE_ONE -> {
                current().lun().nexus.unit().countVerified(piece << blockShift);
                return byDisk
                        || kind == VERIFY
                        || (kind == COMPARE ? matches(0, done, piece << blockShift) : eachMatches());
            }
            case STATUS -> {
                noteStates();
                return true;
            }
            default -> {
                return true;
            }
        }
    }

    private boolean eachMatches() {
        for (long i = 0; i < piece; i++) {
            if (!matches(i << blockShift, 0, 1L << blockShift)) {
                return false;
            }
        }
        return true;
    }

    /** Whether bytes of the buffer are those of the request's data from a place on. */
    private boolean matches(long at, long dataAt, long bytes) {
        return guest.mismatch(current(), dataAt, buffer, at, bytes) < 0;
    }

    /** Notes the states of a piece's blocks; this is the last piece if there is no room for another range. */
    private void noteStates() {
        for (long i = 0; i < piece; i++) {
            boolean zero = Sweeps.isZero(buffer, i << blockShift, 1L << blockShift);
            if (!note(lba + i, zero ? LbaStatus.DEALLOCATED : LbaStatus.MAPPED)) {
                left = piece;
                return;
            }
        }
    }

    /** Notes the state of the next block; false if that is a range too many. */
    private boolean note(long block, int state) {
        int last = found.size() - 1;
        if (last >= 0 && found.get(last).state() == state) {
            LbaStatus run = found.get(last);
            found.set(last, new LbaStatus(run.lba(), run.blocks() + 1, state));
            return true;
        }
        return found.size() < MOST_RANGES && found.add(new LbaStatus(block, 1, state));
    }

    private void end() {
        ScsiRequest of = take();
        if (kind == STATUS && !of.isAborted()) {
            queue.reply(of, LbaStatus.list(found), BigEndian.u32(of.cdb, 10));
        } else {
            queue.end(of, ScsiStatus.GOOD);
        }
        sweeps.free(this);
    }

    private void fail(int status) {
        ScsiRequest of = take();
        of.outUsed = 0;
        queue.failed(of, kind != FILL && kind != FILL_ZERO, status);
        sweeps.free(this);
    }

    private ScsiRequest take() {
        ScsiRequest of = current();
        request = null;
        return of;
    }

    private ScsiRequest current() {
        ScsiRequest of = request;
        if (of == null) {
            throw new IllegalStateException("the sweep has no request");
        }
        return of;
    }
}
