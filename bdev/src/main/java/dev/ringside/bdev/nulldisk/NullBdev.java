package dev.ringside.bdev.nulldisk;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;

/** A disk that keeps nothing: every request ends well at once, and a read leaves the memory as it was. */
public final class NullBdev implements Bdev {
    private static final String PRODUCT = "Null disk";

    private volatile BdevInfo info;

    private NullBdev(BdevInfo info) {
        this.info = info;
    }

    /**
     * Makes a null disk.
     *
     * @param uuid also an alias of the bdev
     * @param blockSize logical block in bytes: a power of two from 512 to 65,536
     * @param numBlocks capacity in logical blocks, at least 1
     * @throws BdevException EINVAL for an impossible geometry
     */
    public static NullBdev create(String name, UUID uuid, int blockSize, long numBlocks) throws BdevException {
        requireBlocks(name, numBlocks);
        try {
            return new NullBdev(new BdevInfo(
                    name,
                    List.of(uuid.toString()),
                    PRODUCT,
                    uuid,
                    blockSize,
                    blockSize,
                    numBlocks,
                    false,
                    false,
                    false,
                    EnumSet.complementOf(EnumSet.of(IoType.COMPARE, IoType.COPY)),
                    IoLimits.NONE));
        } catch (IllegalArgumentException e) {
            throw new BdevException(Errno.EINVAL, "null disk " + name + ": " + e.getMessage());
        }
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    @Override
    public IoChannel openChannel(Reactor reactor) {
        return new Channel();
    }

    /**
     * Gives the disk another capacity and tells its users.
     *
     * @param numBlocks in logical blocks, at least 1
     * @throws BdevException EINVAL, or ENODEV if the disk is not in the registry
     */
    public void resize(BdevRegistry registry, long numBlocks) throws BdevException {
        requireBlocks(info.name(), numBlocks);
        try {
            info = info.withNumBlocks(numBlocks);
        } catch (IllegalArgumentException e) {
            throw new BdevException(Errno.EINVAL, "null disk " + info.name() + ": " + e.getMessage());
        }
        registry.resized(this);
    }

    @Override
    public void destroy() {
        // It holds nothing.
    }

    private static void requireBlocks(String name, long numBlocks) throws BdevException {
        if (numBlocks < 1) {
            throw new BdevException(
                    Errno.EINVAL, "null disk " + name + ": number of blocks " + numBlocks + ": at least 1 is allowed");
        }
    }

    private static final class Channel implements IoChannel {
        @Override
        public boolean submit(BdevIo io) {
            io.complete(IoStatus.OK);
            return true;
        }

        @Override
        public int tryNow(BdevIo io) {
            return IoStatus.OK;
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }
}
