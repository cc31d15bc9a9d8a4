package dev.ringside.bdev.stacked;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A disk that is a range of another one's blocks. The other one is claimed until this one is destroyed; its resizes and its
 * removal are passed on. Each way to it may stand under faults.
 */
public final class StackedBdev implements Bdev {
    private static final String SPLIT = "Split Disk";

    private final BaseDisk base;
    private final long firstBlock;
    private final long mostBlocks;

    private final @Nullable FaultPoint faults;
    private volatile BdevInfo info;

    private StackedBdev(
            BaseDisk base, Identity identity, long firstBlock, long mostBlocks, @Nullable FaultPoint faults) {
        this.base = base;
        this.firstBlock = firstBlock;
        this.mostBlocks = mostBlocks;
        this.faults = faults;
        this.info = describe(base.info(), identity, firstBlock, mostBlocks);
        base.carry(this);
    }

    /**
     * Who a stacked disk is.
     *
     * @param uuid also an alias
     * @param productName the string that clients match on; the base is claimed under it
     */
    public record Identity(String name, UUID uuid, String productName) {}

    /**
     * Makes a disk that is all of another one.
     *
     * @param base name or alias of the other
     * @throws BdevException ENODEV if there is no such base, EBUSY if somebody else writes to it
     */
    public static StackedBdev over(BdevRegistry registry, String base, Identity identity) throws BdevException {
        return new StackedBdev(new BaseDisk(registry, base, identity.productName()), identity, 0, Long.MAX_VALUE, null);
    }

    /**
     * Makes a disk that is all of another one, with faults.
     *
     * @param base name or alias of the other
     * @throws BdevException ENODEV if there is no such base, EBUSY if somebody else writes to it
     */
    public static StackedBdev over(BdevRegistry registry, String base, Identity identity, FaultPoint faults)
            throws BdevException {
        return new StackedBdev(
                new BaseDisk(registry, base, identity.productName()), identity, 0, Long.MAX_VALUE, faults);
    }

    /**
     * Makes disks of equal size that follow each other on another one; they are named after it, {@code p0}, {@code p1} and so
     * on, and their UUIDs are made of its UUID. When the base shrinks, those that it has no longer shrink with it.
     *
     * @param base name or alias of the other
     * @param count how many, at least 1
     * @param bytesEach size of each, a multiple of the block size; 0: as large as fits
     * @throws BdevException ENODEV if there is no such base, EBUSY if somebody else writes to it, EINVAL if it has not so
     *     many bytes
     */
    public static List<StackedBdev> split(BdevRegistry registry, String base, int count, long bytesEach)
            throws BdevException {
        BdevInfo whole = registry.find(base).info();
        long blocks = bytesEach == 0 ? whole.numBlocks() / count : bytesEach / whole.blockSize();
        if (blocks == 0 || blocks > whole.numBlocks() / count || bytesEach % whole.blockSize() != 0) {
            throw new BdevException(
                    Errno.EINVAL,
                    "bdev " + whole.name() + " has " + whole.numBlocks() + " blocks of " + whole.blockSize()
                            + " bytes; it cannot be split in " + count
                            + (bytesEach == 0 ? "" : " times " + bytesEach + " bytes"));
        }
        return splitAgain(registry, base, count, blocks);
    }

    /**
     * Makes the same disks again as {@link #split} did once, whatever size the base has got since: those that it no
     * longer has are shorter.
     *
     * @param base name or alias of the other
     * @param count how many, at least 1
     * @param blocks most that each has, at least 1
     * @throws BdevException ENODEV if there is no such base, EBUSY if somebody else writes to it
     */
    public static List<StackedBdev> splitAgain(BdevRegistry registry, String base, int count, long blocks)
            throws BdevException {
        BdevInfo whole = registry.find(base).info();
        BaseDisk disk = new BaseDisk(registry, base, SPLIT);
        List<StackedBdev> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = whole.name() + "p" + i;
            UUID uuid = UUID.nameUUIDFromBytes((whole.uuid() + "p" + i).getBytes(StandardCharsets.UTF_8));
            parts.add(new StackedBdev(disk, new Identity(name, uuid, SPLIT), i * blocks, blocks, null));
        }
        return parts;
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    /** The name of the disk below. */
    public String baseName() {
        return base.info().name();
    }

    /** First block on the disk below. */
    public long firstBlock() {
        return firstBlock;
    }

    /** Most blocks that it has, whatever the disk below grows to. */
    public long mostBlocks() {
        return mostBlocks;
    }

    /** The faults that it was made with. */
    public Optional<FaultPoint> faults() {
        return Optional.ofNullable(faults);
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        IoChannel channel = new StackedChannel(base.openChannel(reactor), reactor, firstBlock);
        return faults == null ? channel : faults.over(channel, reactor);
    }

    @Override
    public void destroy() {
        base.drop(this);
    }

    /** Takes the capacity that the base leaves it now; false if that is the one it had. */
    boolean follow(BdevInfo below) {
        long blocks = capacity(below, firstBlock, mostBlocks);
        boolean changed = blocks != info.numBlocks();
        info = info.withNumBlocks(blocks);
        return changed;
    }

    private static long capacity(BdevInfo below, long firstBlock, long mostBlocks) {
        return Math.min(Math.max(0, below.numBlocks() - firstBlock), mostBlocks);
    }

    private static BdevInfo describe(BdevInfo below, Identity identity, long firstBlock, long mostBlocks) {
        return new BdevInfo(
                identity.name(),
                List.of(identity.uuid().toString()),
                identity.productName(),
                identity.uuid(),
                below.blockSize(),
                below.physicalBlockSize(),
                capacity(below, firstBlock, mostBlocks),
                below.readOnly(),
                below.writeCache(),
                below.rotational(),
                below.supported(),
                shifted(below.limits(), firstBlock));
    }

    /** The limits of the base; a boundary that this disk does not begin at is none of this disk's. */
    private static IoLimits shifted(IoLimits below, long firstBlock) {
        boolean aligned = below.boundaryBlocks() > 0 && firstBlock % below.boundaryBlocks() == 0;
        return new IoLimits(
                below.maxTransferBlocks(),
                below.maxSegments(),
                aligned ? below.boundaryBlocks() : 0,
                below.maxUnmapBlocks(),
                below.maxWriteZeroesBlocks(),
                below.maxCopyBlocks());
    }
}
