package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out whether a range of a file can be given back, without changing it. */
final class UnmapProbe {
    private static final long PAST_END = 1 << 20;

    private UnmapProbe() {}

    /** Whether UNMAP would work on a file that is open for writing. */
    static boolean supported(LinuxFile file, Path path) throws LinuxException {
        return file.isBlockDevice() ? deviceSupports(path) : fileSystemSupports(file);
    }

    /** Punches a hole where the file has ended already: there is nothing there, and the size stays. */
    private static boolean fileSystemSupports(LinuxFile file) throws LinuxException {
        long behind = (file.size() + PAST_END - 1) & -PAST_END;
        return file.fallocate(Zeroing.PUNCH_HOLE.mode, behind, PAST_END) == 0;
    }

    /**
     * What the kernel says of the device: punching a hole in one means that it is told to zero with leave to unmap, which
     * behind its end is an error.
     */
    private static boolean deviceSupports(Path path) {
        try {
            Path device = Path.of("/sys/class/block")
                    .resolve(path.toRealPath().getFileName())
                    .toRealPath();
            Path disk = Files.exists(device.resolve("partition"))
                    ? device.resolveSibling("").toAbsolutePath()
                    : device;
            String most = Files.readString(disk.resolve("queue/write_zeroes_max_bytes"));
            return Long.parseLong(most.strip()) > 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }
}
