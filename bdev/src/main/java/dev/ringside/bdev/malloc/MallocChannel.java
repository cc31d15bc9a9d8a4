package dev.ringside.bdev.malloc;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.MemoryFault;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One reactor's way to a RAM disk. A request of at most {@link #INLINE_BYTES} is done inside {@link #submit}. A longer one
 * would hold up everything else on the reactor (zeroing a terabyte takes minutes), and parts that the block layer makes
 * would not help, for it submits them in a row: such a request becomes a job, and a poller does a piece of the oldest job
 * on each turn.
 */
final class MallocChannel implements IoChannel, Poller {
    /** About 100 us of copying. */
    private static final long INLINE_BYTES = 1 << 20;

    /** Memory from here on is given back to the system instead of being filled. */
    private static final long HUGE_PAGE = 2 << 20;

    /** Giving back costs 5 to 200 us for this much, by the size of its pages. */
    private static final long DISCARD_BYTES = 4 * HUGE_PAGE;

    private static final MemorySegment ZEROES = Arena.global().allocate(64 << 10, 64);

    private final Reactor reactor;
    private final int blockShift;
    private final Consumer<MallocChannel> onClose;
    private final Registration poller;
    private Mapping mapping;
    private MemorySegment memory;
    private long bytes;
    private boolean paused;

    /** Keeps the compiler from leaving out the touches. */
    @SuppressWarnings("UnusedVariable")
    private long touched;

    /** Jobs, oldest first, linked through their moduleObject; moduleLong is how many bytes of one are done. */
    private @Nullable BdevIo firstJob;

    private @Nullable BdevIo lastJob;

    MallocChannel(Reactor reactor, Mapping mapping, long numBlocks, int blockShift, Consumer<MallocChannel> onClose) {
        this.reactor = reactor;
        this.mapping = mapping;
        this.memory = mapping.segment();
        this.bytes = numBlocks << blockShift;
        this.blockShift = blockShift;
        this.onClose = onClose;
        this.poller = reactor.register("malloc", this);
    }

    Reactor reactor() {
        return reactor;
    }

    /** Refuses requests, and leaves jobs alone, until {@link #use}: the memory is about to move. */
    void pause() {
        paused = true;
    }

    void use(Mapping now, long numBlocks) {
        mapping = now;
        memory = now.segment();
        bytes = numBlocks << blockShift;
        paused = false;
    }

    @Override
    public boolean submit(BdevIo io) {
        if (paused) {
            return false;
        }
        int status = tryNow(io);
        if (status != LATER) {
            io.complete(status);
        } else if (io.type() == IoType.RESET) {
            abortJobs();
            io.complete(IoStatus.OK);
        } else {
            addJob(io);
        }
        return true;
    }

    @Override
    public int tryNow(BdevIo io) {
        if (paused) {
            return LATER;
        }
        return switch (io.type()) {
            case READ, WRITE, UNMAP, WRITE_ZEROES, SECURE_ERASE -> {
                long offset = io.lba() << blockShift;
                long length = io.blocks() << blockShift;
                // The block layer may not yet know of a shrink.
                if (offset > bytes - length) {
                    yield IoStatus.INVALID;
                }
                yield length > INLINE_BYTES ? LATER : statusOf(io, offset, length);
            }
            case COPY -> {
                long from = io.source() << blockShift;
                long to = io.lba() << blockShift;
                long length = io.blocks() << blockShift;
                if (Math.max(from, to) > bytes - length) {
                    yield IoStatus.INVALID;
                }
                if (length > INLINE_BYTES) {
                    yield LATER;
                }
                MemorySegment.copy(memory, from, memory, to, length);
                yield IoStatus.OK;
            }
            case FLUSH -> IoStatus.OK;
            case RESET -> LATER;
            case COMPARE, VERIFY -> IoStatus.NOT_SUPPORTED;
        };
    }

    /**
     * Touches the first cache line of each request: the misses, of the cache and of the address translation, happen at the
     * same time instead of one after the other between the copies, and the processor finds the following lines by itself.
     */
    @Override
    public void expect(BdevIo[] ios, int count) {
        MemorySegment from = memory;
        long end = bytes;
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long offset = ios[i].lba() << blockShift;
            if (offset >= 0 && offset < end) {
                sum += from.get(ValueLayout.JAVA_LONG, offset);
            }
        }
        touched = sum;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void abort(BdevIo io) {
        BdevIo before = null;
        for (BdevIo job = firstJob; job != null; job = (BdevIo) job.moduleObject) {
            if (job == io) {
                if (before == null) {
                    removeFirstJob(job);
                } else {
                    before.moduleObject = job.moduleObject;
                    job.moduleObject = null;
                    lastJob = lastJob == job ? before : lastJob;
                }
                job.complete(IoStatus.ABORTED);
                return;
            }
            before = job;
        }
    }

    @Override
    public int poll(long nowNs) {
        BdevIo job = firstJob;
        if (job == null || paused) {
            return 0;
        }
        long done = advance(job, job.moduleLong);
        if (done < 0 || done == job.blocks() << blockShift) {
            removeFirstJob(job);
            job.complete((int) Math.min(done, IoStatus.OK));
        } else {
            job.moduleLong = done;
        }
        return 1;
    }

    @Override
    public boolean arm() {
        return firstJob == null;
    }

    @Override
    public void close() {
        poller.close();
        onClose.accept(this);
    }

    private int statusOf(BdevIo io, long offset, long length) {
        try {
            inline(io, offset, length);
            return IoStatus.OK;
        } catch (InternalError e) {
            // The guest's memory vanished under the copy.
            return -Errno.EFAULT;
        }
    }

    private void inline(BdevIo io, long offset, long length) {
        switch (io.type()) {
            case READ -> io.data().copyFrom(memory, offset, length);
            case WRITE -> io.data().copyTo(memory, offset, length);
            case UNMAP, WRITE_ZEROES, SECURE_ERASE -> zero(offset, length);
            case COMPARE, VERIFY, COPY, FLUSH, RESET -> throw new IllegalStateException("has no data");
        }
    }

    /** Does the next piece of a job; returns how much of it is done then, or a negative errno. */
    private long advance(BdevIo job, long done) {
        long offset = job.lba() << blockShift;
        long length = job.blocks() << blockShift;
        if (offset > bytes - length) {
            return IoStatus.INVALID;
        }
        long at = offset + done;
        long left = length - done;
        return switch (job.type()) {
            case READ, WRITE -> {
                long piece = Math.min(left, INLINE_BYTES);
                yield copy(job, done, at, piece) ? done + piece : -Errno.EFAULT;
            }
            case UNMAP -> done + zeroPiece(at, left, true);
            case WRITE_ZEROES -> done + zeroPiece(at, left, job.mayUnmap());
            // Pages that are given back keep what they hold until somebody else gets them.
            case SECURE_ERASE -> done + zeroPiece(at, left, false);
            case COPY -> {
                long from = (job.source() << blockShift) + done;
                if (from > bytes - left) {
                    yield IoStatus.INVALID;
                }
                long piece = Math.min(left, INLINE_BYTES);
                MemorySegment.copy(memory, from, memory, at, piece);
                yield done + piece;
            }
            case COMPARE, VERIFY, FLUSH, RESET -> throw new IllegalStateException("is never a job");
        };
    }

    /** Copies a piece of a job's data; false if the guest's memory vanished under the copy. */
    private boolean copy(BdevIo job, long start, long at, long length) {
        ScatterList data = job.data();
        boolean read = job.type() == IoType.READ;
        try {
            for (int i = 0; length > 0; i++) {
                long extent = data.length(i);
                if (start >= extent) {
                    start -= extent;
                } else {
                    long part = Math.min(extent - start, length);
                    long offset = data.offset(i) + start;
                    if (read) {
                        MemorySegment.copy(memory, at, data.segment(i), offset, part);
                    } else {
                        MemorySegment.copy(data.segment(i), offset, memory, at, part);
                    }
                    at += part;
                    length -= part;
                    start = 0;
                }
            }
            MemoryFault.settle();
            return true;
        } catch (InternalError e) {
            return false;
        }
    }

    /** Zeroes the next piece of a long range; returns how long it was. */
    private long zeroPiece(long at, long left, boolean giveBack) {
        long aligned = Math.min(left, DISCARD_BYTES) & -HUGE_PAGE;
        if (giveBack && (at & HUGE_PAGE - 1) == 0 && aligned > 0) {
            mapping.discard(at, aligned);
            return aligned;
        }
        long piece = Math.min(Math.min(left, INLINE_BYTES), HUGE_PAGE - (at & HUGE_PAGE - 1));
        zero(at, piece);
        return piece;
    }

    private void zero(long at, long length) {
        while (length > 0) {
            long part = Math.min(length, ZEROES.byteSize());
            MemorySegment.copy(ZEROES, 0, memory, at, part);
            at += part;
            length -= part;
        }
    }

    private void addJob(BdevIo io) {
        io.moduleLong = 0;
        io.moduleObject = null;
        BdevIo last = lastJob;
        if (last == null) {
            firstJob = io;
        } else {
            last.moduleObject = io;
        }
        lastJob = io;
    }

    private void removeFirstJob(BdevIo job) {
        firstJob = (BdevIo) job.moduleObject;
        job.moduleObject = null;
        if (firstJob == null) {
            lastJob = null;
        }
    }

    private void abortJobs() {
        // Those that are there now: an owner may submit more when it is told.
        BdevIo last = lastJob;
        for (BdevIo job = firstJob; job != null; job = job == last ? null : firstJob) {
            removeFirstJob(job);
            job.complete(IoStatus.ABORTED);
        }
    }
}
