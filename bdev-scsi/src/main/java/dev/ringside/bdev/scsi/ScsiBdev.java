package dev.ringside.bdev.scsi;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.queue.BareQueue;
import dev.ringside.bdev.scsi.queue.UnitTraits;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.block.Capacity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;

/** A range of a disk as a block device; nobody else has a block of it, as long as it exists. */
public final class ScsiBdev implements Bdev {
    /** Product name of all of these. */
    public static final String PRODUCT = "SCSI disk";

    /** Longest range of a WRITE SAME of a disk that tells no limit. */
    private static final long USUAL_WRITE_SAME = 65_535;

    private static final long MAX_RANGE = 0xffff_ffffL;
    private static final long PAGE = 4096;
    private static final long LEAST_TRANSFER = 65_536;

    private final ScsiDisk disk;
    private final RangeClaims.Claim claim;
    private final boolean toTheEnd;
    private volatile BdevInfo info;

    private ScsiBdev(ScsiDisk disk, RangeClaims.Claim claim, boolean toTheEnd, BdevInfo info) {
        this.disk = disk;
        this.claim = claim;
        this.toTheEnd = toTheEnd;
        this.info = info;
    }

    /**
     * Which part of a disk.
     *
     * @param offset of its first byte, a multiple of the block size
     * @param bytes a multiple of the block size; 0: to the end of the disk
     */
    public record Range(long offset, long bytes) {
        /** All of it. */
        public static final Range WHOLE = new Range(0, 0);
    }

    /**
     * Makes one.
     *
     * @throws BdevException ENODEV if the disk has gone; EINVAL if the range is not of whole blocks, or not inside the disk; EBUSY
     *     if a block of it belongs to another
     */
    public static ScsiBdev create(String name, ScsiDisk disk, Range range) throws BdevException {
        if (disk.isGone()) {
            throw new BdevException(Errno.ENODEV, disk.name() + " has gone");
        }
        Capacity capacity = disk.description().capacity();
        int size = capacity.blockSize();
        if (range.offset < 0 || range.bytes < 0 || range.offset % size != 0 || range.bytes % size != 0) {
            throw new BdevException(
                    Errno.EINVAL,
                    "offset " + range.offset + ", size " + range.bytes + ": multiples of " + size + " are allowed");
        }
        long first = range.offset / size;
        long left = capacity.numBlocks() - first;
        long blocks = range.bytes == 0 ? left : range.bytes / size;
        if (blocks < 1 || blocks > left) {
            throw new BdevException(
                    Errno.EINVAL,
                    "offset " + range.offset + ", size " + range.bytes + ": " + disk.name() + " has "
                            + capacity.numBlocks() * size + " bytes");
        }
        RangeClaims.Claim claim = disk.claims().claim(name, first, blocks);
        return new ScsiBdev(disk, claim, range.bytes == 0, describe(name, disk, first, blocks));
    }

    /** The disk that it is a part of. */
    public ScsiDisk disk() {
        return disk;
    }

    /** First byte of the range. */
    public long offset() {
        return claim.first() * info.blockSize();
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return disk.host().openChannel(disk, claim.first(), reactor);
    }

    /** What its adapter takes. */
    public HostCapabilities adapter() {
        return disk.host().capabilities();
    }

    /**
     * Makes a share of a queue of its adapter, for measurements past the block layer. {@link #closeBare} ends it.
     *
     * @param slots commands at a time
     * @param requests commands that can be built
     * @throws IOException if the disk has gone, or its adapter is out of order
     */
    public BareQueue openBare(int slots, int requests) throws IOException {
        return disk.host().openBare(disk, claim.first(), slots, requests);
    }

    /**
     * Ends the use of a queue; afterwards the adapter uses the memory of none of its slots. Not on a reactor.
     *
     * @throws IOException if the adapter does not let go of it
     */
    public void closeBare(BareQueue queue) throws IOException {
        if (!queue.busy()) {
            return;
        }
        try {
            disk.host().reset().join();
        } catch (CompletionException e) {
            throw new IOException(disk.host().name() + " does not let go of memory", e);
        }
    }

    @Override
    public void destroy() {
        disk.claims().release(claim);
    }

    /**
     * Takes the disk's new capacity on, as far as it concerns the range; the registry is to be told if it does.
     *
     * @return whether it does
     */
    public boolean adapt() {
        long left = Math.max(0, disk.description().numBlocks() - claim.first());
        long blocks = toTheEnd ? left : Math.min(left, claim.blocks());
        if (blocks == info.numBlocks()) {
            return false;
        }
        info = info.withNumBlocks(blocks);
        return true;
    }

    private static BdevInfo describe(String name, ScsiDisk disk, long first, long blocks) {
        DiskDescription description = disk.description();
        int size = description.blockSize();
        UnitTraits traits = description.traits();
        UUID uuid = UUID.nameUUIDFromBytes(
                (description.stableName() + " " + first + " " + blocks).getBytes(StandardCharsets.UTF_8));
        return new BdevInfo(
                name,
                List.of(uuid.toString()),
                PRODUCT,
                uuid,
                size,
                Math.max(size, physical(description.capacity())),
                blocks,
                description.readOnly(),
                traits.writeCache(),
                description.rotational(),
                supported(traits),
                limits(disk.host().capabilities(), description));
    }

    private static int physical(Capacity capacity) {
        return (int) Math.min((long) capacity.blockSize() << capacity.physicalExponent(), 1 << 30);
    }

    private static Set<IoType> supported(UnitTraits traits) {
        EnumSet<IoType> types = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET);
        if (traits.unmap() || traits.sameUnmaps()) {
            types.add(IoType.UNMAP);
        }
        if (traits.writeSame()) {
            types.add(IoType.WRITE_ZEROES);
        }
        return types;
    }

    private static IoLimits limits(HostCapabilities host, DiskDescription description) {
        int size = description.capacity().blockSize();
        // What the adapter does not take as it is is copied, and a copy is no larger than a buffer. So that this is
        // rare, a request is no longer than what has few enough extents even if each is a page.
        long pages = Math.max(LEAST_TRANSFER, (host.maxSegments() - 1L) * PAGE);
        long transfer = Math.min(pages, Math.min(host.maxTransferBytes(), DmaPool.LARGEST)) / size;
        long told = description.limits().maxTransfer();
        long writeSame = description.limits().writeSame();
        long unmap = description.limits().unmapBlocks();
        long same = writeSame == 0 ? USUAL_WRITE_SAME : Math.min(writeSame, MAX_RANGE);
        return new IoLimits(
                told == 0 ? transfer : Math.min(transfer, told),
                0,
                0,
                description.traits().unmap() ? Math.min(unmap, MAX_RANGE) : same,
                same);
    }
}
