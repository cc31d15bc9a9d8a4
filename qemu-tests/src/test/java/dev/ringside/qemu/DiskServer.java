package dev.ringside.qemu;

import java.nio.file.Path;

/** What serves the guests' disks: the daemon under test, or the program it is compared with. */
interface DiskServer {
    /** Starts the daemon under test; with {@code -Dguests.server=qemu-storage-daemon} QEMU's own one. */
    static DiskServer start(TestBed bed) {
        String server = System.getProperty("guests.server", "ringside");
        return switch (server) {
            case "ringside" -> new RingsideDaemon(bed);
            case "qemu-storage-daemon" -> new StorageDaemon(bed);
            default ->
                throw new IllegalArgumentException("guests.server is ringside or qemu-storage-daemon: " + server);
        };
    }

    /** Serves a disk in RAM; returns the controller's socket. {@code name} is the bdev's name. */
    Path serveMemory(String name, long bytes);

    /** Serves a file; returns the controller's socket. {@code name} is the bdev's name. */
    Path serveFile(String name, Path file, boolean readOnly);

    /** What a disk of this name answers when the guest asks for its serial number. */
    String serialOf(String name);

    /** Asks for a clean end with SIGTERM and returns the exit status. */
    int stop();
}
