package dev.ringside.testkit.fuzz;

import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.BlkResult;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** A guest that behaves, and knows what its disk and its memory hold. One thread. */
final class Bystander implements AutoCloseable {
    /** Bytes of its disk. */
    static final int DISK_BYTES = 1 << 20;

    private static final int BYTES = 16_384;
    private static final int PIECE = 128 << 10;
    private static final int SECTOR = 512;
    private static final int UNTOUCHED = 1 << 20;
    private static final byte MARK = 0x3c;

    private final GuestRam ram;
    private final long untouched;
    private final Random random;
    private final byte[] disk = new byte[DISK_BYTES];
    private final BlkFrontend blk;

    /** Connects; the disk is full of zeroes. */
    Bystander(Path socket, RingFormat format, long seed) throws IOException {
        random = new Random(seed);
        ram = GuestRam.ofMiB(4);
        BlkOptions options = BlkOptions.of(1, 64)
                .with(format)
                .withScratch(PIECE)
                .withSlots(4, 4096)
                .withCalls();
        blk = BlkFrontend.connect(socket, ram, options);
        untouched = ram.allocate(UNTOUCHED, 4096);
        ram.fill(untouched, UNTOUCHED, MARK);
    }

    /** Writes somewhere, reads that and another place back; what is wrong is an {@link IllegalStateException}. */
    void verify() {
        byte[] data = new byte[BYTES];
        random.nextBytes(data);
        int at = random.nextInt((DISK_BYTES - BYTES) / SECTOR) * SECTOR;
        BlkDriverQueue queue = blk.queue(0);
        require(queue.write(at / SECTOR, data).status() == 0, "the bystander cannot write");
        System.arraycopy(data, 0, disk, at, BYTES);
        compare(at, BYTES);
        compare(random.nextInt((DISK_BYTES - BYTES) / SECTOR) * SECTOR, BYTES);
    }

    /** Compares the whole disk, and the memory that nobody was to write. */
    void verifyAll() {
        for (int at = 0; at < DISK_BYTES; at += PIECE) {
            compare(at, PIECE);
        }
        byte[] marks = new byte[UNTOUCHED];
        Arrays.fill(marks, MARK);
        require(Arrays.equals(ram.read(untouched, UNTOUCHED), marks), "the bystander's memory was written");
    }

    /** Connects to a disk that nobody can write, and compares it with the zeroes that it began with. */
    static void requireZeroes(Path socket) throws IOException {
        try (GuestRam ram = GuestRam.ofMiB(2);
                BlkFrontend blk =
                        BlkFrontend.connect(socket, ram, BlkOptions.of(1, 16).withScratch(PIECE))) {
            byte[] zeroes = new byte[PIECE];
            for (long sector = 0; sector < blk.sectors(); sector += PIECE / SECTOR) {
                BlkResult result = blk.queue(0).read(sector, PIECE);
                require(result.status() == 0, "a read-only disk cannot be read");
                require(Arrays.equals(result.data(), zeroes), "a read-only disk was written");
            }
        }
    }

    private void compare(int at, int bytes) {
        BlkResult result = blk.queue(0).read(at / SECTOR, bytes);
        require(result.status() == 0, "the bystander cannot read");
        int wrong = Arrays.mismatch(result.data(), 0, bytes, disk, at, at + bytes);
        require(wrong < 0, "the bystander's disk is wrong at byte " + (at + wrong));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    @Override
    public void close() {
        blk.close();
        ram.close();
    }
}
