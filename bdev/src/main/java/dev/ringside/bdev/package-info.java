/**
 * The block layer: what a block device is ({@link dev.ringside.bdev.Bdev}, {@link dev.ringside.bdev.IoChannel}), who uses
 * it ({@link dev.ringside.bdev.BdevRegistry}, {@link dev.ringside.bdev.BdevHandle}), and the way of a request
 * ({@link dev.ringside.bdev.BdevChannel}, {@link dev.ringside.bdev.BdevIo}).
 */
package dev.ringside.bdev;
