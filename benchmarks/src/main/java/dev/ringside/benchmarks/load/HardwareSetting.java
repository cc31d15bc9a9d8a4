package dev.ringside.benchmarks.load;

/**
 * Requests were built beforehand and go to the bare queues of a device, past the block layer.
 *
 * @param product what the disk is
 * @param blockSize its logical block in bytes
 */
public record HardwareSetting(String product, int blockSize) implements LoadSetting {}
