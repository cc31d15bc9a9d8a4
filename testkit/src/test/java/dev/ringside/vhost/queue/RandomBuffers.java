package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Buffers of chains, anywhere in a guest's memory and of any length. The device has to find in those that it reads what the guest
 * has there, and the guest what the device has written.
 */
final class RandomBuffers implements AutoCloseable {
    private static final int MIB = 1 << 20;
    /** Constant bytes that chains read, in both regions, across their border; the rest is written. */
    private static final int READ_START = MIB - 64 * 1024;

    private static final int READ_BYTES = 128 * 1024;
    private static final int WRITE_START = MIB + 256 * 1024;
    private static final int WRITE_BYTES = 2 * MIB;
    private static final int MAX_BUFFER = 5000;

    private final GuestRam ram;
    private final Random random;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(64 * MAX_BUFFER);

    /** A buffer that was described. */
    record Buffer(long address, int length) {}

    /** The buffers of a chain, those that the device reads before those that it writes. */
    record Described(List<Buffer> readable, List<Buffer> writable) {}

    /**
     * A guest with a region for the ring and its tables, and two for data that are adjacent for the guest, apart for everybody
     * else.
     */
    static GuestRam guest() throws LinuxException {
        return GuestRam.of(
                new GuestRegion.Layout(1L << 33, 10 * MIB, GuestRam.USER_BASE + 16 * MIB, 0),
                new GuestRegion.Layout(0, MIB, GuestRam.USER_BASE + 8 * MIB, 4096),
                new GuestRegion.Layout(MIB, 3 * MIB, GuestRam.USER_BASE, 0));
    }

    /** Fills what chains read. */
    RandomBuffers(GuestRam ram, Random random) {
        this.ram = ram;
        this.random = random;
        byte[] content = new byte[READ_BYTES];
        random.nextBytes(content);
        for (int i = 0; i < READ_BYTES; i++) {
            ram.putByte(READ_START + i, content[i]);
        }
    }

    /** Describes the buffers of the next chain, of which the device reads the first and writes the others. */
    Described describe(DriverQueue driver, int count, int writableFrom) {
        List<Buffer> readable = new ArrayList<>();
        List<Buffer> writable = new ArrayList<>();
        long writeAt = (long) WRITE_START + random.nextInt(WRITE_BYTES - 16 * MAX_BUFFER);
        for (int i = 0; i < count; i++) {
            int length = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(MAX_BUFFER);
            if (i < writableFrom) {
                long at = (long) READ_START + random.nextInt(READ_BYTES - length);
                driver.readable(at, length);
                readable.add(new Buffer(at, length));
            } else {
                driver.writable(writeAt, length);
                writable.add(new Buffer(writeAt, length));
                writeAt += length;
            }
        }
        return new Described(readable, writable);
    }

    /** What the device has of a chain are these buffers: reads the ones, and writes the others. */
    void requireSame(Chain seen, Described described) {
        requireReadable(seen.readable(), described.readable());
        requireWritable(seen.writable(), described.writable());
    }

    private void requireReadable(ScatterList list, List<Buffer> buffers) {
        int total = buffers.stream().mapToInt(Buffer::length).sum();
        assertThat(list.bytes()).isEqualTo(total);
        list.copyTo(scratch, 0, total);
        byte[] seen = scratch.asSlice(0, total).toArray(ValueLayout.JAVA_BYTE);
        int at = 0;
        for (Buffer buffer : buffers) {
            byte[] sent = readAcross(buffer);
            assertThat(Arrays.equals(sent, 0, sent.length, seen, at, at + sent.length))
                    .as("what the device reads is what the driver sent")
                    .isTrue();
            at += sent.length;
        }
    }

    private byte[] readAcross(Buffer buffer) {
        byte[] bytes = new byte[buffer.length()];
        for (int done = 0; done < bytes.length; ) {
            long address = buffer.address() + done;
            GuestRegion region = ram.regionOf(address, 1);
            int part = (int) Math.min(bytes.length - done, region.guestAddress() + region.bytes() - address);
            System.arraycopy(ram.read(address, part), 0, bytes, done, part);
            done += part;
        }
        return bytes;
    }

    private void requireWritable(ScatterList list, List<Buffer> buffers) {
        int total = buffers.stream().mapToInt(Buffer::length).sum();
        assertThat(list.bytes()).isEqualTo(total);
        byte[] pattern = new byte[total];
        random.nextBytes(pattern);
        MemorySegment.copy(pattern, 0, scratch, ValueLayout.JAVA_BYTE, 0, total);
        list.copyFrom(scratch, 0, total);
        if (total > 0) {
            assertThat(ram.read(buffers.getFirst().address(), total)).isEqualTo(pattern);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
