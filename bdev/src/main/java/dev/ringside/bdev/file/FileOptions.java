package dev.ringside.bdev.file;

import java.nio.file.Path;
import java.util.UUID;

/**
 * What a file disk shall be.
 *
 * @param name of the bdev
 * @param uuid also an alias of the bdev
 * @param path of a regular file or a block device
 * @param productName the string that clients match on: {@link #AIO} or {@link #URING}, by the method that made it
 * @param blockSize logical block in bytes, a power of two from 512 to 65,536; 0: the device's own, 512 for a file
 * @param readOnly whether the file is opened for reading only
 * @param fallocate whether UNMAP and WRITE_ZEROES are offered
 * @param shared whether others may write to the file at the same time, if they say so too: the daemons between which a
 *     guest migrates
 */
public record FileOptions(
        String name,
        UUID uuid,
        Path path,
        String productName,
        int blockSize,
        boolean readOnly,
        boolean fallocate,
        boolean shared) {

    /** A disk of which nobody else writes the file. */
    public FileOptions(
            String name, UUID uuid, Path path, String productName, int blockSize, boolean readOnly, boolean fallocate) {
        this(name, uuid, path, productName, blockSize, readOnly, fallocate, false);
    }

    /** Product name of a disk that {@code bdev_aio_create} made. */
    public static final String AIO = "AIO disk";

    /** Product name of a disk that {@code bdev_uring_create} made. */
    public static final String URING = "URING bdev";
}
