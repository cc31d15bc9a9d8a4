package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.MemoryFault;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.CompletionOrder;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A queue of a block device: requests as virtio 1.2, 5.2.6 has them. Owned by the queue's reactor. */
final class BlkQueue implements DeviceQueue {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** As many as lie in the first-level cache together with what each copies. */
    private static final int GROUP = 16;

    /** Buffers of a request besides its data. */
    private static final int HEADER_AND_STATUS = 2;

    private final BlkDevice device;
    private final int blockShift;
    /** Bits of a sector number that are not 0 inside a block. */
    private final int sectorMask;

    private final int sectorShift;
    /** Whether each write has to be through: for a driver that does not flush although the disk has a write cache. */
    private final boolean forceUnitAccess;

    private final MemorySegment id;
    private final MemorySegment scratch = Arena.ofAuto().allocate(BlkLayout.HEADER_BYTES, 8);
    private final BlkRules rules;
    /** Null where the driver takes requests back in any order. */
    private final @Nullable CompletionOrder order;

    private final int mostBuffers;
    private final long sizeMax;
    private final DiskPath disk;
    /** Requests that the disk is told of together. */
    private final BdevIo[] group = new BdevIo[GROUP];
    /** Requests that were handled and not started, oldest first. */
    private @Nullable BlkRequest first;

    private @Nullable BlkRequest last;
    private @Nullable Virtqueue queue;
    /** Whether requests that end early are left to whoever serves the ring next. */
    private boolean suspending;

    BlkQueue(BlkDevice device, DiskPath.@Nullable Way way, BlkRules rules, @Nullable CompletionOrder order, byte[] id) {
        this.device = device;
        this.disk = new DiskPath(way);
        this.rules = rules;
        this.order = order;
        this.mostBuffers = rules.segMax() + HEADER_AND_STATUS;
        this.sizeMax = rules.sizeMax();
        this.blockShift = Integer.numberOfTrailingZeros(rules.blockSize());
        this.sectorShift = blockShift - Integer.numberOfTrailingZeros(BlkLayout.SECTOR);
        this.sectorMask = (1 << sectorShift) - 1;
        this.forceUnitAccess = rules.forceUnitAccess();
        this.id = Arena.ofAuto().allocate(BlkLayout.ID_BYTES);
        MemorySegment.copy(id, 0, this.id, ValueLayout.JAVA_BYTE, 0, BlkLayout.ID_BYTES);
    }

    @Override
    public Chain newChain() {
        return new BlkRequest(this);
    }

    @Override
    public void attach(Virtqueue virtqueue) {
        queue = virtqueue;
        followTimes();
    }

    @Override
    public void followTimes() {
        attached().time(disk.timed() ? this : null);
    }

    @Override
    public int handle(Chain chain) {
        BlkRequest request = (BlkRequest) chain;
        ScatterList readable = request.readable();
        ScatterList writable = request.writable();
        if (readable.bytes() < BlkLayout.HEADER_BYTES || writable.bytes() < 1) {
            return QueueError.BAD_REQUEST.code();
        }
        MemorySegment header = readable.segment(0);
        long at = readable.offset(0);
        if (readable.length(0) < BlkLayout.HEADER_BYTES) {
            readable.copyTo(scratch, 0, BlkLayout.HEADER_BYTES);
            header = scratch;
            at = 0;
        }
        request.type = header.get(U32, at + BlkLayout.TYPE);
        request.sector = header.get(U64, at + BlkLayout.FIRST_SECTOR);
        readable.dropFront(BlkLayout.HEADER_BYTES);

        int last = writable.count() - 1;
        request.statusSegment = writable.segment(last);
        request.statusOffset = writable.offset(last) + writable.length(last) - 1;
        request.writableBytes = writable.bytes();
        writable.dropBack(1);
        if (order != null) {
            order.taken(request);
        }
        append(request);
        return Virtqueue.OK;
    }

    private void append(BlkRequest request) {
        request.next = null;
        BlkRequest before = last;
        if (first == null || before == null) {
            first = request;
        } else {
            before.next = request;
        }
        last = request;
    }

    @Override
    public boolean start(long bytes) {
        long moved = 0;
        while (first != null && moved < bytes) {
            moved += startGroup(bytes - moved);
        }
        return first != null;
    }

    /** Starts some requests, after the disk was told of all of them; returns how many bytes they move. */
    private long startGroup(long bytes) {
        int count = 0;
        long moved = 0;
        for (BlkRequest next = first; next != null && count < GROUP && moved < bytes; next = next.next) {
            moved += next.readable().bytes() + next.writable().bytes();
            prepare(next);
            group[count++] = next.io;
        }
        if (count > 1) {
            disk.expect(group, count);
        }
        for (BlkRequest next = first; next != null && count > 0; next = first) {
            // Off the list before it is started: it may end, and be used again, inside the call.
            first = next.next;
            count--;
            try {
                start(next);
            } catch (InternalError e) {
                vanished(next);
            }
        }
        return moved;
    }

    /** Gives up a request whose memory is gone before the disk had it, or between two of its segments; what it has ends later. */
    private void vanished(BlkRequest request) {
        attached().fail(QueueError.MEMORY_GONE.code());
        if (!request.io.inFlight()) {
            end(request, BlkLayout.S_IOERR);
        }
    }

    @Override
    public void flush() {
        disk.flush();
    }

    @Override
    public void suspend() {
        suspending = true;
        Virtqueue from = attached();
        for (BlkRequest next = first; next != null; next = first) {
            first = next.next;
            from.suspend(next);
        }
        from.forEachInFlight(chain -> {
            BlkRequest request = (BlkRequest) chain;
            if (order != null && order.holds(request)) {
                from.suspend(request);
            } else {
                request.io.abort();
            }
        });
    }

    @Override
    public int outstanding() {
        return disk.outstanding();
    }

    @Override
    public boolean canSleep() {
        return disk.settled();
    }

    @Override
    public void close() {
        disk.close();
        device.queueClosed(this);
    }

    /** Begins requests on another disk from now on; null: they fail. */
    void useDisk(DiskPath.@Nullable Way way) {
        disk.use(way);
        if (queue != null) {
            followTimes();
        }
    }

    /** The disk's poller tells that a part of a request, or all of it, has come back; it is not told of faults. */
    void ioDone(BlkRequest request, int status) {
        try {
            done(request, status);
        } catch (InternalError e) {
            vanished(request);
        }
    }

    private void done(BlkRequest request, int status) {
        boolean goesOn = status == IoStatus.OK
                && hasRanges(request)
                && request.readable().bytes() > 0;
        if (suspending && (goesOn || status == IoStatus.ABORTED || order != null)) {
            // In order, what ends after a request that was left has to be left too; doing it twice does no harm.
            attached().suspend(request);
            return;
        }
        if (goesOn) {
            startRange(request);
            return;
        }
        if (status == -Errno.EFAULT) {
            attached().fail(QueueError.MEMORY_GONE.code());
        }
        end(request, statusOf(status));
    }

    /** Says to the disk's request what is asked, as far as that is known before it is started. */
    private void prepare(BlkRequest request) {
        switch (request.type) {
            case BlkLayout.T_IN -> transfer(request, IoType.READ, request.writable(), 0);
            case BlkLayout.T_OUT -> transfer(request, IoType.WRITE, request.readable(), writeFlags());
            default -> request.io.prepare(IoType.FLUSH, 0, 0);
        }
    }

    private void transfer(BlkRequest request, IoType type, ScatterList data, int flags) {
        long bytes = data.bytes();
        request.allowed = (request.sector & sectorMask) == 0
                && (bytes & ((1L << blockShift) - 1)) == 0
                && !((request.buffers() > mostBuffers || bytes > sizeMax) && breaksLimits(request, data));
        // A sector number beyond 2^63 stays beyond the end of the disk.
        request.io.prepare(type, request.sector >>> sectorShift, bytes >>> blockShift, data, flags);
    }

    private void start(BlkRequest request) {
        switch (request.type) {
            case BlkLayout.T_IN, BlkLayout.T_OUT -> {
                if (request.allowed) {
                    submit(request);
                } else {
                    end(request, BlkLayout.S_IOERR);
                }
            }
            case BlkLayout.T_FLUSH -> submit(request);
            case BlkLayout.T_GET_ID -> getId(request);
            case BlkLayout.T_DISCARD, BlkLayout.T_WRITE_ZEROES, BlkLayout.T_SECURE_ERASE -> {
                long bytes = request.readable().bytes();
                if (bytes == 0
                        || bytes % BlkLayout.SEGMENT_BYTES != 0
                        || bytes > (long) BlkLimits.MAX_RANGES * BlkLayout.SEGMENT_BYTES) {
                    end(request, BlkLayout.S_IOERR);
                } else {
                    startRange(request);
                }
            }
            default -> end(request, BlkLayout.S_UNSUPP);
        }
    }

    /**
     * Whether a request that may have too many data segments, or one that is too long, truly has. Where the data is in more
     * pieces than it has segments, as it goes on from one region of memory to the next, it is in the driver's favour.
     */
    private boolean breaksLimits(BlkRequest request, ScatterList data) {
        int extents = data.count();
        if (request.buffers() > mostBuffers && extents > rules.segMax()) {
            return true;
        }
        for (int i = 0; i < extents; i++) {
            if (data.length(i) > sizeMax) {
                return true;
            }
        }
        return false;
    }

    /** Starts the next segment of a DISCARD, SECURE_ERASE or WRITE_ZEROES; those of no length are done at once. */
    private void startRange(BlkRequest request) {
        ScatterList readable = request.readable();
        while (readable.bytes() > 0) {
            readable.copyTo(scratch, 0, BlkLayout.SEGMENT_BYTES);
            readable.dropFront(BlkLayout.SEGMENT_BYTES);
            long sector = scratch.get(U64, 0);
            long sectors = Integer.toUnsignedLong(scratch.get(U32, 8));
            int flags = scratch.get(U32, 12);
            boolean zeroes = request.type == BlkLayout.T_WRITE_ZEROES;
            if ((flags & ~BlkLayout.F_UNMAP) != 0 || (!zeroes && flags != 0)) {
                end(request, BlkLayout.S_UNSUPP);
                return;
            }
            if (sectors > rules.rangeSectors(request.type) || ((sector | sectors) & sectorMask) != 0) {
                end(request, BlkLayout.S_IOERR);
                return;
            }
            if (sectors > 0) {
                int ioFlags = (zeroes ? writeFlags() : 0) | (flags == 0 ? 0 : BdevIo.MAY_UNMAP);
                request.io.prepare(
                        rangeType(request.type), sector >>> sectorShift, sectors >>> sectorShift, readable, ioFlags);
                submit(request);
                return;
            }
        }
        end(request, BlkLayout.S_OK);
    }

    private void getId(BlkRequest request) {
        ScatterList target = request.writable();
        target.copyFrom(id, 0, Math.min(target.bytes(), BlkLayout.ID_BYTES));
        end(request, BlkLayout.S_OK);
    }

    private void submit(BlkRequest request) {
        int status = disk.start(request.io);
        if (status != IoChannel.LATER) {
            done(request, status);
        }
    }

    private int writeFlags() {
        return forceUnitAccess || !device.writeback() ? BdevIo.FUA : 0;
    }

    private void end(BlkRequest request, byte status) {
        Virtqueue to = attached();
        if (to.error() == QueueError.MEMORY_GONE.code()) {
            // Nobody is there to be told, and those that ended in front of it have not been given back in their order.
            to.abandon(request);
            return;
        }
        try {
            request.statusSegment.set(ValueLayout.JAVA_BYTE, request.statusOffset, status);
            if (order == null) {
                to.complete(request, request.writableBytes);
            } else {
                MemoryFault.settle();
                order.ended(to, request, request.writableBytes);
            }
            MemoryFault.settle();
        } catch (InternalError e) {
            to.fail(QueueError.MEMORY_GONE.code());
            to.abandon(request);
        }
    }

    private Virtqueue attached() {
        Virtqueue now = queue;
        if (now == null) {
            throw new IllegalStateException("the queue is not attached");
        }
        return now;
    }

    private static boolean hasRanges(BlkRequest request) {
        return request.type == BlkLayout.T_DISCARD
                || request.type == BlkLayout.T_WRITE_ZEROES
                || request.type == BlkLayout.T_SECURE_ERASE;
    }

    private static IoType rangeType(int type) {
        if (type == BlkLayout.T_DISCARD) {
            return IoType.UNMAP;
        }
        return type == BlkLayout.T_WRITE_ZEROES ? IoType.WRITE_ZEROES : IoType.SECURE_ERASE;
    }

    private static byte statusOf(int status) {
        if (status == IoStatus.OK) {
            return BlkLayout.S_OK;
        }
        return status == IoStatus.NOT_SUPPORTED ? BlkLayout.S_UNSUPP : BlkLayout.S_IOERR;
    }
}
