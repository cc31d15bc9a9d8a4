package dev.ringside.bdev.file;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Iovec;
import dev.ringside.env.uring.IoUring;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request in a ring, from its first operation to its last: what the kernel did only a part of goes on, what it was
 * interrupted in is repeated. One for each slot of the ring, reused for ever; owned by the ring's reactor.
 */
final class FileRequest {
    /** What {@link #advance} returns for a request that needs another operation. */
    static final int MORE = 1;

    /** Extents that the kernel is given at once: 1 MiB in pages, at any alignment, and some more. */
    static final int MAX_IOVECS = 260;

    static final int IOVEC_BYTES = MAX_IOVECS * Iovec.SIZE;

    private static final int MAX_REPEATS = 1000;

    /** 1 MiB at once. */
    private static final int MAX_ZERO_IOVECS = 16;

    private static final int NO_BUFFER = -1;

    private final int index;
    private final MemorySegment iovecs;
    private final RegisteredMemory registered;
    private final BouncePool bounces;
    private final MemorySegment zeroes;

    private @Nullable FileIoChannel channel;
    private @Nullable BdevIo io;
    /** What the operations do: what is asked, or the FLUSH behind zeroes that have to be on the medium. */
    private IoType type = IoType.FLUSH;

    private long offset;
    private long length;
    private long done;
    private int buffer = NO_BUFFER;
    /** Where the data is registered with the ring; {@link RegisteredMemory#NO_SLOT} if it is not. */
    private int slot = RegisteredMemory.NO_SLOT;

    private int repeats;
    private Zeroing zeroing = Zeroing.WRITE;

    FileRequest(
            int index, MemorySegment iovecs, RegisteredMemory registered, BouncePool bounces, MemorySegment zeroes) {
        this.index = index;
        this.iovecs = iovecs;
        this.registered = registered;
        this.bounces = bounces;
        this.zeroes = zeroes;
    }

    /** Takes a request on; false if it needs a buffer and there is none. A write's data is copied here if it has to be. */
    boolean begin(FileIoChannel from, BdevIo request) {
        OpenFile file = from.file();
        IoType asked = request.type();
        slot = RegisteredMemory.NO_SLOT;
        if (asked.movesData()) {
            if (fits(file, request.data())) {
                buffer = NO_BUFFER;
                slot = slotOf(request);
                from.countDirect();
                if (slot != RegisteredMemory.NO_SLOT) {
                    from.countRegistered();
                }
            } else {
                if (!takeBuffer(asked, request.data())) {
                    return false;
                }
                from.countBounced();
            }
        }
        channel = from;
        io = request;
        type = asked;
        offset = file.bytes(request.lba());
        length = file.bytes(request.blocks());
        done = 0;
        repeats = 0;
        zeroing = file.zeroing(request.mayUnmap());
        return true;
    }

    /** Whether the slot has a request. */
    boolean busy() {
        return io != null;
    }

    /** Puts the next operation into the ring, which has room. */
    void prepare(IoUring ring) {
        prepareOperation(ring);
        if (channel().registered()) {
            ring.addFlags(IoUring.FIXED_FILE);
        }
    }

    private void prepareOperation(IoUring ring) {
        int fd = channel().fd();
        switch (type) {
            case READ, WRITE -> prepareTransfer(ring, fd);
            case FLUSH -> ring.prepFsync(fd, true, index);
            case UNMAP -> ring.prepFallocate(fd, Zeroing.PUNCH_HOLE.mode, offset, length, index);
            case WRITE_ZEROES -> {
                if (zeroing == Zeroing.WRITE) {
                    ring.prepWritev(fd, iovecs.address(), zeroIovecs(), offset + done, writeFlags(), index);
                } else {
                    ring.prepFallocate(fd, zeroing.mode, offset, length, index);
                }
            }
            case COMPARE, VERIFY, SECURE_ERASE, COPY, RESET ->
                throw new IllegalStateException(type + " does not go to the ring");
        }
    }

    /** One piece of memory is named in the operation itself, which saves the kernel from looking at a list. */
    private void prepareTransfer(IoUring ring, int fd) {
        boolean read = type == IoType.READ;
        int flags = read ? 0 : writeFlags();
        int pieces = dataIovecs();
        long at = offset + done;
        if (pieces == 1 && flags == 0) {
            prepareSingle(ring, fd, Iovec.address(iovecs, 0), (int) Iovec.length(iovecs, 0), at);
        } else if (read) {
            ring.prepReadv(fd, iovecs.address(), pieces, at, 0, index);
        } else {
            ring.prepWritev(fd, iovecs.address(), pieces, at, flags, index);
        }
    }

    private int writeFlags() {
        return io().fua() ? IoUring.RWF_DSYNC : 0;
    }

    private void prepareSingle(IoUring ring, int fd, long address, int bytes, long at) {
        boolean fixed = slot != RegisteredMemory.NO_SLOT;
        if (type == IoType.READ) {
            if (fixed) {
                ring.prepReadFixed(fd, address, bytes, at, slot, index);
            } else {
                ring.prepRead(fd, address, bytes, at, index);
            }
        } else if (fixed) {
            ring.prepWriteFixed(fd, address, bytes, at, slot, index);
        } else {
            ring.prepWrite(fd, address, bytes, at, index);
        }
    }

    /**
     * Takes the result of an operation.
     *
     * @return {@link #MORE}, or the status of the request
     */
    int advance(int result) {
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
            return ++repeats > MAX_REPEATS ? FileStatus.of(result) : MORE;
        }
        boolean zeroingByRange = type == IoType.WRITE_ZEROES && zeroing != Zeroing.WRITE;
        if (zeroingByRange && result == -Errno.EOPNOTSUPP) {
            channel().file().cannot(zeroing);
            zeroing = channel().file().zeroing(io().mayUnmap());
            return MORE;
        }
        if (result < 0) {
            return FileStatus.of(result);
        }
        if (zeroingByRange && io().fua()) {
            // fallocate(2) has no flag for it.
            type = IoType.FLUSH;
            return MORE;
        }
        return zeroingByRange || type == IoType.FLUSH || type == IoType.UNMAP ? IoStatus.OK : moved(result);
    }

    /** Ends the request in its slot, which is free after that: a read's data gets to where it was asked for. */
    int finish(int status) {
        if (buffer != NO_BUFFER) {
            if (type == IoType.READ && status == IoStatus.OK) {
                io().data().copyFrom(bounces.memory(), bounces.offset(buffer), length);
            }
            bounces.give(buffer);
            buffer = NO_BUFFER;
        }
        channel = null;
        io = null;
        return status;
    }

    int index() {
        return index;
    }

    FileIoChannel channel() {
        return Objects.requireNonNull(channel);
    }

    BdevIo io() {
        return Objects.requireNonNull(io);
    }

    private boolean takeBuffer(IoType asked, ScatterList data) {
        int taken = bounces.take();
        if (taken == NO_BUFFER) {
            return false;
        }
        if (asked == IoType.WRITE) {
            try {
                data.copyTo(bounces.memory(), bounces.offset(taken), data.bytes());
            } catch (InternalError e) {
                bounces.give(taken);
                throw e;
            }
        }
        buffer = taken;
        return true;
    }

    /** A transfer got on by some bytes, or by none at what the file has for its end. */
    private int moved(int bytes) {
        long now = done + bytes;
        if (now == length) {
            return IoStatus.OK;
        }
        long resume = channel().file().resumeAt(now);
        if (resume <= done || now > length) {
            // The file is shorter than the disk.
            return IoStatus.IO_ERROR;
        }
        done = resume;
        repeats = 0;
        return MORE;
    }

    /** Fills the iovecs with what is left of the data; returns how many there are. */
    private int dataIovecs() {
        if (buffer != NO_BUFFER) {
            long address = bounces.memory().address() + bounces.offset(buffer);
            Iovec.set(iovecs, 0, address + done, length - done);
            return 1;
        }
        ScatterList data = io().data();
        int extents = data.count();
        long skip = done;
        int n = 0;
        for (int i = 0; i < extents; i++) {
            long extent = data.length(i);
            if (skip >= extent) {
                skip -= extent;
            } else {
                Iovec.set(iovecs, n++, data.address(i) + skip, extent - skip);
                skip = 0;
            }
        }
        return n;
    }

    private int zeroIovecs() {
        long left = length - done;
        int n = 0;
        while (left > 0 && n < MAX_ZERO_IOVECS) {
            long part = Math.min(left, zeroes.byteSize());
            Iovec.set(iovecs, n++, zeroes.address(), part);
            left -= part;
        }
        return n;
    }

    /** Only what is in one piece, and needs no flags, is moved by the operations on registered memory. */
    private int slotOf(BdevIo request) {
        ScatterList data = request.data();
        if (data.count() != 1 || request.fua()) {
            return RegisteredMemory.NO_SLOT;
        }
        return registered.slot(data.segment(0), data.offset(0), data.length(0));
    }

    private static boolean fits(OpenFile file, ScatterList data) {
        int extents = data.count();
        if (extents > MAX_IOVECS) {
            return false;
        }
        for (int i = 0; i < extents; i++) {
            if (!file.takes(data.address(i), data.length(i))) {
                return false;
            }
        }
        return true;
    }
}
