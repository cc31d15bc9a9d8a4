package dev.ringside.benchmarks.hw;

import dev.ringside.bdev.scsi.host.ScsiDevice;

/**
 * A disk behind an adapter.
 *
 * @param blocks how many it has
 * @param blockSize bytes of one
 */
public record HwDisk(ScsiDevice device, long blocks, int blockSize) {}
