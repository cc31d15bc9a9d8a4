package dev.ringside.benchmarks.load;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.ReactorLoop;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Through a channel of the block layer, on a reactor that has no thread of its own: the load's thread turns it whenever nothing
 * else has come back. So the disk is driven as in the daemon, and everything on the way is the load's processor time.
 */
final class BdevPath extends BlockPath {
    /** How long what is in flight may take when nobody waits for it any more, in ns. */
    private static final long LEAVING_NS = 5_000_000_000L;

    /** Turns without work for each look at the clock, as of a reactor in the daemon. */
    private static final int LOOKS = 16;

    private final BdevHandle handle;
    private final MemorySegment data;
    private final Pattern pattern;
    /** First block of the queue's part of the disk. */
    private final long firstBlock;
    /** Blocks of the part. */
    private final long partBlocks;
    /** How far in front of where it goes to a copy begins; from the end of the part on it goes on with its beginning. */
    private final long copyDistance;

    private final int blocks;
    private final int sectorShift;
    private final Slot[] slots;

    /** Slots that have come back, oldest first, from {@code first} on and round. */
    private final int[] ended;

    /** Turns since the last look at the clock. */
    private int looks;

    private int first;
    private int count;
    private @Nullable ReactorLoop reactor;
    private @Nullable BdevChannel channel;
    private volatile @Nullable Throwable failure;

    /** One request at a time. */
    private final class Slot implements IoOwner {
        final int number;
        final BdevIo io = new BdevIo(this);
        final ScatterList buffer = new ScatterList(1);
        int status;

        Slot(int number, int bytes) {
            this.number = number;
            buffer.add(data, (long) number * bytes, bytes);
        }

        @Override
        public void ioDone(BdevIo done, int how) {
            end(this, how);
        }
    }

    /**
     * A path that is not open.
     *
     * @param part number of the queue, from 0
     * @param data a block of the workload's size for each slot
     */
    BdevPath(BdevHandle handle, Workload workload, int part, MemorySegment data) {
        this.handle = handle;
        this.data = data;
        this.pattern = workload.pattern();
        int blockSize = handle.info().blockSize();
        this.blocks = workload.blockSize() / blockSize;
        long requests = workload.rangeBytes() / workload.queues() / workload.blockSize();
        this.partBlocks = requests * blocks;
        this.firstBlock = part * partBlocks;
        this.copyDistance = requests / 2 * blocks;
        this.sectorShift = Integer.numberOfTrailingZeros(blockSize / Workload.SECTOR);
        this.slots = new Slot[workload.depth()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(i, workload.blockSize());
        }
        this.ended = new int[slots.length];
    }

    @Override
    void open(int core) throws IOException {
        ReactorLoop loop = new ReactorLoop(core, (poller, thrown) -> failure = thrown, System.nanoTime());
        loop.adopt();
        reactor = loop;
        channel = handle.openChannel(loop);
    }

    /** Whether nothing of the disk is in use here any more; any thread, after the load's has ended. */
    boolean isClosed() {
        return reactor == null;
    }

    @Override
    void close() {
        ReactorLoop loop = reactor;
        BdevChannel open = channel;
        if (loop == null) {
            return;
        }
        if (open != null) {
            long deadline = System.nanoTime() + LEAVING_NS;
            while (open.outstanding() > 0) {
                if (System.nanoTime() - deadline > 0) {
                    return;
                }
                open.flush();
                loop.step(System.nanoTime());
            }
            open.close();
            channel = null;
        }
        loop.close();
        reactor = null;
    }

    private void end(Slot slot, int status) {
        slot.status = status;
        int at = first + count++;
        ended[at < ended.length ? at : at - ended.length] = slot.number;
    }

    @Override
    MemorySegment data() {
        return data;
    }

    @Override
    void add(int number, boolean read, long sector) {
        Slot slot = slots[number];
        long lba = sector >>> sectorShift;
        switch (pattern) {
            case TRIM -> slot.io.prepare(IoType.UNMAP, lba, blocks);
            case COPY -> slot.io.prepareCopy(source(lba), lba, blocks);
            case READ, WRITE, RANDREAD, RANDWRITE, RANDRW ->
                slot.io.prepare(read ? IoType.READ : IoType.WRITE, lba, blocks, slot.buffer, 0);
        }
        int status = channel().start(slot.io);
        if (status != IoChannel.LATER) {
            end(slot, status);
        }
    }

    private long source(long lba) {
        long from = lba + copyDistance;
        return from < firstBlock + partBlocks ? from : from - partBlocks;
    }

    @Override
    void publish() {
        channel().flush();
    }

    @Override
    int poll() {
        if (count == 0) {
            turn();
            if (count == 0) {
                return NONE;
            }
        }
        int slot = ended[first];
        first = first + 1 == ended.length ? 0 : first + 1;
        count--;
        return slot;
    }

    private void turn() {
        ReactorLoop loop = reactor;
        if (loop != null) {
            boolean worked = looks == 0 ? loop.step(System.nanoTime()) > 0 : loop.lookAgain() > 0;
            looks = worked ? 0 : (looks + 1) % LOOKS;
        }
        if (channel().congested()) {
            channel().flush();
        }
        Throwable thrown = failure;
        if (thrown != null) {
            throw new IllegalStateException("a poller of the disk failed: " + thrown, thrown);
        }
    }

    private BdevChannel channel() {
        BdevChannel open = channel;
        if (open == null) {
            throw new IllegalStateException("the path is not open");
        }
        return open;
    }

    @Override
    boolean await(long longestNs) {
        return false;
    }

    @Override
    boolean succeeded(int slot) {
        return slots[slot].status == IoStatus.OK;
    }

    @Override
    String failure(int slot) {
        return Errno.name(-slots[slot].status);
    }
}
