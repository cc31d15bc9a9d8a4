package dev.ringside.testkit.fuzz;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.vhost.queue.InflightLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.InflightDescription;
import java.lang.foreign.MemorySegment;

/** The file of requests in flight that an attack keeps. */
final class InflightFile implements AutoCloseable {
    private final Fd file;
    private final Mapping mapping;
    private final RingFormat format;
    private final int queues;
    private final int queueSize;
    private boolean whole = true;

    /** Takes a file over. */
    InflightFile(Fd file, RingFormat format, int queues, int queueSize) throws LinuxException {
        this.file = file;
        this.format = format;
        this.queues = queues;
        this.queueSize = queueSize;
        this.mapping = Mapping.ofShared(file, 0, bytes(format, queues, queueSize), true);
    }

    static InflightFile create(RingFormat format, int queues, int queueSize) throws LinuxException {
        return new InflightFile(
                Memfd.create("fuzz-inflight", bytes(format, queues, queueSize)), format, queues, queueSize);
    }

    private static long bytes(RingFormat format, int queues, int queueSize) {
        return queues * InflightLayout.bytes(format, queueSize);
    }

    /** The payload of GET_INFLIGHT_FD. */
    static byte[] wanted(Dice dice, int queues, int queueSize) {
        return new Payload(InflightDescription.BYTES)
                .u16(InflightDescription.NUM_QUEUES, dice.bent16(queues))
                .u16(InflightDescription.QUEUE_SIZE, dice.bent16(queueSize))
                .bytes();
    }

    /** The payload of SET_INFLIGHT_FD. */
    byte[] description(Dice dice) {
        return new Payload(dice.oneIn(8) ? InflightDescription.UNPADDED_BYTES : InflightDescription.BYTES)
                .u64(InflightDescription.MMAP_SIZE, dice.bent(bytes(format, queues, queueSize)))
                .u64(InflightDescription.MMAP_OFFSET, dice.bent(0L))
                .u16(InflightDescription.NUM_QUEUES, dice.bent16(queues))
                .u16(InflightDescription.QUEUE_SIZE, dice.bent16(queueSize))
                .bytes();
    }

    /** The region of a ring. */
    MemorySegment of(int ring) {
        long each = InflightLayout.bytes(format, queueSize);
        return mapping.segment().asSlice(ring * each, each);
    }

    Fd file() {
        return file;
    }

    /** Whether the memory is there, so that it can be touched. */
    boolean whole() {
        return whole;
    }

    /** Shortens the file; nobody here may touch the memory from then on. */
    void truncate() throws LinuxException {
        whole = false;
        Memfd.truncate(file, 0);
    }

    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
