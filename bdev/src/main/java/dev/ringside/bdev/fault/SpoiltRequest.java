package dev.ringside.bdev.fault;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.MemoryFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A request to the channel below in place of one of which a byte is to be another. A read is spoilt when it is back; a write
 * or comparison has a block of its own instead of the one with that byte. Reused for ever; owned by its reactor.
 */
final class SpoiltRequest implements IoOwner {
    private final FaultChannel channel;
    private final BdevIo io = BdevIo.standIn(this);
    private final ScatterList data = new ScatterList(8);
    private @Nullable MemorySegment block;
    private @Nullable BdevIo original;
    private long offset;
    private int mask;

    SpoiltRequest(FaultChannel channel) {
        this.channel = channel;
    }

    boolean standsFor(BdevIo request) {
        return original == request;
    }

    /** Submits it; as {@link IoChannel#submit}. */
    boolean submit(BdevIo request, FaultAction.Corrupt how, IoChannel below) {
        original = request;
        offset = how.offset();
        mask = how.mask();
        ScatterList passed = request.data();
        if (request.type() != IoType.READ) {
            try {
                spoil(request.data(), (int) (request.data().bytes() / request.blocks()));
            } catch (InternalError e) {
                // The guest's memory vanished under the copy.
                free();
                request.complete(-Errno.EFAULT);
                return true;
            }
            passed = data;
        }
        io.prepare(request.type(), request.lba(), request.blocks(), passed, request.flags());
        boolean taken = false;
        try {
            taken = io.submitFor(request, below);
        } finally {
            if (!taken) {
                free();
            }
        }
        return taken;
    }

    void abort(IoChannel below) {
        below.abort(io);
    }

    @Override
    public void ioDone(BdevIo done, int status) {
        BdevIo request = original;
        if (request == null) {
            throw new IllegalStateException("a request ended that stands for none");
        }
        int result = status;
        if (status == IoStatus.OK && request.type() == IoType.READ) {
            try {
                flip(request.data());
                MemoryFault.settle();
            } catch (InternalError e) {
                // The guest's memory vanished under the read.
                result = -Errno.EFAULT;
            }
        }
        free();
        request.complete(result);
    }

    private void free() {
        original = null;
        data.clear();
        channel.free(this);
    }

    private void spoil(ScatterList from, int blockSize) {
        MemorySegment copy = block;
        if (copy == null) {
            copy = Arena.ofAuto().allocate(blockSize, blockSize);
            block = copy;
        }
        long start = offset - offset % blockSize;
        data.slice(from, start, blockSize);
        data.copyTo(copy, 0, blockSize);
        int at = (int) (offset - start);
        copy.set(ValueLayout.JAVA_BYTE, at, (byte) (copy.get(ValueLayout.JAVA_BYTE, at) ^ mask));
        data.clear();
        append(from, 0, start);
        data.add(copy, 0, blockSize);
        append(from, start + blockSize, from.bytes() - start - blockSize);
    }

    /** Adds some bytes of a list. */
    private void append(ScatterList from, long start, long length) {
        for (int i = 0; length > 0; i++) {
            long extent = from.length(i);
            if (start >= extent) {
                start -= extent;
            } else {
                long part = Math.min(extent - start, length);
                data.add(from.segment(i), from.offset(i) + start, part);
                start = 0;
                length -= part;
            }
        }
    }

    private void flip(ScatterList list) {
        long at = offset;
        int i = 0;
        while (at >= list.length(i)) {
            at -= list.length(i++);
        }
        MemorySegment segment = list.segment(i);
        long where = list.offset(i) + at;
        segment.set(ValueLayout.JAVA_BYTE, where, (byte) (segment.get(ValueLayout.JAVA_BYTE, where) ^ mask));
    }
}
