package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.LoadedDisk;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.VhostDisk;
import dev.ringside.benchmarks.load.Workload;

/** Whether a disk can take a load, and how much of it is used. */
final class DiskFit {
    private static final long VERIFIED_BYTES = 256 << 20;
    /** What is known of each block takes 5 bytes of heap. */
    private static final long MOST_VERIFIED_BLOCKS = 1 << 25;

    private DiskFit() {}

    /** What the back end does not have is an {@link IllegalArgumentException}. */
    static void requireFeatures(VhostDisk.Wishes wishes, VhostDisk disk) {
        if (wishes.indirect() && !disk.indirect()) {
            throw new IllegalArgumentException("--indirect on: the disk has no indirect tables, off is allowed");
        }
        if (wishes.format() != disk.format()) {
            throw new IllegalArgumentException("--ring packed: the disk has no packed rings, split is allowed");
        }
        if (wishes.tracked() && !disk.tracked()) {
            throw new IllegalArgumentException(
                    "--inflight on: the disk keeps no account of what is in flight, off is allowed");
        }
    }

    /** The load with the range that it uses; what the disk cannot do is an {@link IllegalArgumentException}. */
    static Workload fit(Workload wanted, LoadedDisk disk) {
        if (disk.readOnly() && (wanted.writes() || wanted.fill())) {
            throw new IllegalArgumentException(
                    "the disk cannot be written: --pattern read and randread without --verify and --fill are allowed");
        }
        if (wanted.pattern() == Pattern.TRIM && !disk.discards()) {
            throw new IllegalArgumentException(
                    "--pattern trim: the disk takes no discards, of " + Pattern.names() + " all others are allowed");
        }
        if (wanted.pattern() == Pattern.COPY && !disk.copies()) {
            throw new IllegalArgumentException(
                    "--pattern copy goes with perf bdev and a disk whose supported_io_types have copy");
        }
        if (wanted.blockSize() % disk.blockSize() != 0) {
            throw new IllegalArgumentException("--block-size " + wanted.blockSize()
                    + ": multiples of the disk's block of " + disk.blockSize() + " bytes are allowed");
        }
        if (wanted.rangeBytes() > disk.bytes()) {
            throw new IllegalArgumentException(
                    "--range " + wanted.rangeBytes() + ": at most the disk's " + disk.bytes() + " bytes are allowed");
        }
        long range = wanted.rangeBytes() > 0
                ? wanted.rangeBytes()
                : wanted.verify() ? Math.min(VERIFIED_BYTES, disk.bytes()) : disk.bytes();
        requireRoom(wanted, range);
        return wanted.withRange(range);
    }

    private static void requireRoom(Workload wanted, long range) {
        long blocks = range / wanted.blockSize() / wanted.queues();
        long least = wanted.verify() ? 2L * wanted.depth() : wanted.pattern() == Pattern.COPY ? 2 : 1;
        if (blocks < least) {
            throw new IllegalArgumentException("the range of " + range + " bytes is too small: " + wanted.queues()
                    + " queues need at least " + least * wanted.blockSize() * wanted.queues());
        }
        if (wanted.verify() && blocks * wanted.queues() > MOST_VERIFIED_BLOCKS) {
            throw new IllegalArgumentException("--verify keeps account of at most " + MOST_VERIFIED_BLOCKS
                    + " blocks: a --range up to " + MOST_VERIFIED_BLOCKS * wanted.blockSize() + " is allowed");
        }
    }
}
