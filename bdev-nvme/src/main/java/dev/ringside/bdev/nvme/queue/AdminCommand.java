package dev.ringside.bdev.nvme.queue;

/**
 * A command for the admin queue.
 *
 * @param name for messages
 * @param data what the controller calls the memory that it reads or writes; 0: none
 * @param data2 what it calls more of it, of commands that have two pieces; 0: none
 */
public record AdminCommand(String name, int opcode, int nsid, long data, long data2, int cdw10, int cdw11) {

    /** A command without data. */
    public static AdminCommand of(String name, int opcode, int cdw10, int cdw11) {
        return new AdminCommand(name, opcode, 0, 0, 0, cdw10, cdw11);
    }

    /** A command with data in one page or less. */
    public static AdminCommand withData(String name, int opcode, int nsid, long data, int cdw10, int cdw11) {
        return new AdminCommand(name, opcode, nsid, data, 0, cdw10, cdw11);
    }
}
