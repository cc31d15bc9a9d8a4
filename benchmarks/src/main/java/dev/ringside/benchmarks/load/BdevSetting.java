package dev.ringside.benchmarks.load;

/**
 * Requests go to the block layer of this process.
 *
 * @param product what the disk is
 * @param blockSize its logical block in bytes
 */
public record BdevSetting(String product, int blockSize) implements LoadSetting {}
