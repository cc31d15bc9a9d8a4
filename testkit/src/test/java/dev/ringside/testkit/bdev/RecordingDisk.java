package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.reactor.Reactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A disk of any shape over memory of its own, which notes what it is asked. */
public final class RecordingDisk implements Bdev, IoChannel {
    private static final int BYTES = 4 << 20;

    private final BdevInfo info;
    private final MemorySegment content = Arena.ofAuto().allocate(BYTES, 4096);
    private final List<String> seen = new ArrayList<>();

    /** What such a disk is like; each of the methods gives another one that differs in one thing. */
    public record Shape(
            String name,
            int blockSize,
            int physicalBlockSize,
            boolean readOnly,
            boolean writeCache,
            Set<IoType> supported,
            IoLimits limits) {

        /** In blocks of other sizes, in bytes. */
        public Shape withBlocks(int logical, int physical) {
            return new Shape(name, logical, physical, readOnly, writeCache, supported, limits);
        }

        /** Which cannot be written. */
        public Shape asReadOnly() {
            return new Shape(name, blockSize, physicalBlockSize, true, writeCache, supported, limits);
        }

        /** Without a write cache. */
        public Shape withoutCache() {
            return new Shape(name, blockSize, physicalBlockSize, readOnly, false, supported, limits);
        }

        /** Which cannot do something. */
        public Shape without(IoType type) {
            EnumSet<IoType> others = EnumSet.copyOf(supported);
            others.remove(type);
            return new Shape(name, blockSize, physicalBlockSize, readOnly, writeCache, others, limits);
        }

        /** With limits, to which requests are split. */
        public Shape withLimits(IoLimits other) {
            return new Shape(name, blockSize, physicalBlockSize, readOnly, writeCache, supported, other);
        }
    }

    /** A disk with a write cache, in blocks of 512 bytes, that can unmap and write zeroes. */
    public static Shape cached(String name) {
        Set<IoType> supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES);
        return new Shape(name, 512, 512, false, true, supported, IoLimits.NONE);
    }

    /** Makes one, of zeroes. */
    public RecordingDisk(Shape shape) {
        this.info = new BdevInfo(
                shape.name,
                List.of(),
                "Recording disk",
                UUID.nameUUIDFromBytes(shape.name.getBytes(StandardCharsets.UTF_8)),
                shape.blockSize,
                shape.physicalBlockSize,
                BYTES / shape.blockSize,
                shape.readOnly,
                shape.writeCache,
                false,
                shape.supported,
                shape.limits);
    }

    /** What was asked since the last call, in its order: the type, for a range its first block and its length, flags. Any thread. */
    public List<String> take() {
        synchronized (seen) {
            List<String> taken = List.copyOf(seen);
            seen.clear();
            return taken;
        }
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    @Override
    public IoChannel openChannel(Reactor reactor) {
        return this;
    }

    @Override
    public void destroy() {
        // Its memory goes with it.
    }

    @Override
    public boolean submit(BdevIo io) {
        String range = io.type().hasRange() ? " " + io.lba() + "+" + io.blocks() : "";
        String flags = (io.fua() ? " FUA" : "") + (io.mayUnmap() ? " MAY_UNMAP" : "");
        synchronized (seen) {
            seen.add(io.type() + range + flags);
        }
        long at = io.lba() * info.blockSize();
        long bytes = io.blocks() * info.blockSize();
        switch (io.type()) {
            case READ -> io.data().copyFrom(content, at, bytes);
            case WRITE -> io.data().copyTo(content, at, bytes);
            case WRITE_ZEROES, UNMAP -> content.asSlice(at, bytes).fill((byte) 0);
            case COPY -> MemorySegment.copy(content, io.source() * info.blockSize(), content, at, bytes);
            case FLUSH, RESET, COMPARE, VERIFY, SECURE_ERASE -> {
                // There is no cache in truth, and the others are not supported.
            }
        }
        io.complete(IoStatus.OK);
        return true;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
