package dev.ringside.bdev.nvme.queue;

/**
 * A command for the admin queue.
 *
 * @param name for messages
 * @param data what the controller calls the memory that it reads or writes; 0: none
 */
public record AdminCommand(String name, int opcode, int nsid, long data, int cdw10, int cdw11, int cdw12) {

    /** A command without data. */
    public static AdminCommand of(String name, int opcode, int cdw10, int cdw11) {
        return new AdminCommand(name, opcode, 0, 0, cdw10, cdw11, 0);
    }
}
