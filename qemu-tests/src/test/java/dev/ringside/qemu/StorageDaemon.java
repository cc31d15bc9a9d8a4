package dev.ringside.qemu;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** QEMU's own vhost-user-blk server, {@code qemu-storage-daemon}: tells a fault of the tests from one of ours. */
final class StorageDaemon implements DiskServer {
    private final TestBed bed;
    private final Process process;
    private final Qmp qmp;

    StorageDaemon(TestBed bed) {
        this.bed = bed;
        Path monitor = bed.socket("qsd.qmp");
        this.process = bed.launch(
                bed.log("storage-daemon.log"),
                List.of(
                        "qemu-storage-daemon",
                        "--chardev",
                        "socket,id=monitor,server=on,wait=off,path=" + monitor,
                        "--monitor",
                        "chardev=monitor"),
                Map.of(),
                false);
        this.qmp = Qmp.connect(monitor);
        bed.closeAfterTest(qmp);
    }

    @Override
    public Path serveMemory(String name, long bytes) {
        return serveFile(name, bed.disk(name, bytes), false);
    }

    @Override
    public Path serveFile(String name, Path file, boolean readOnly) {
        Path socket = bed.socket(name + ".vhost");
        qmp.execute(
                "blockdev-add",
                Map.of(
                        "driver",
                        "file",
                        "node-name",
                        name,
                        "filename",
                        file.toString(),
                        "read-only",
                        readOnly,
                        "discard",
                        "unmap"));
        qmp.execute(
                "block-export-add",
                Map.of(
                        "type",
                        "vhost-user-blk",
                        "id",
                        name,
                        "node-name",
                        name,
                        "writable",
                        !readOnly,
                        "num-queues",
                        4,
                        "addr",
                        Map.of("type", "unix", "path", socket.toString())));
        return socket;
    }

    @Override
    public String serialOf(String name) {
        return "vhost_user_blk";
    }

    @Override
    public int stop() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the storage daemon does not stop");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
