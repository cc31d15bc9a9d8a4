package dev.ringside.qemu;

import java.nio.file.Path;

/**
 * A vhost-user-blk disk of a guest.
 *
 * @param socket where the daemon listens for the controller
 * @param queues request queues, 1 or more
 * @param queueSize entries of a queue
 * @param packed whether QEMU offers the packed ring format to the guest
 * @param reconnectSeconds how often QEMU tries again after a lost connection; 0: it does not
 */
record VhostUserDisk(Path socket, int queues, int queueSize, boolean packed, int reconnectSeconds) {
    static VhostUserDisk at(Path socket) {
        return new VhostUserDisk(socket, 1, 128, false, 0);
    }

    VhostUserDisk queues(int number) {
        return new VhostUserDisk(socket, number, queueSize, packed, reconnectSeconds);
    }

    VhostUserDisk queueSize(int entries) {
        return new VhostUserDisk(socket, queues, entries, packed, reconnectSeconds);
    }

    VhostUserDisk packed(boolean offered) {
        return new VhostUserDisk(socket, queues, queueSize, offered, reconnectSeconds);
    }

    VhostUserDisk reconnect(int seconds) {
        return new VhostUserDisk(socket, queues, queueSize, packed, seconds);
    }

    String chardev(String id) {
        return "socket,id=" + id + ",path=" + socket + (reconnectSeconds > 0 ? ",reconnect=" + reconnectSeconds : "");
    }

    String device(String id, String chardev) {
        return "vhost-user-blk-pci,id=" + id + ",chardev=" + chardev + ",num-queues=" + queues + ",queue-size="
                + queueSize + (packed ? ",packed=on" : "");
    }
}
