package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.AdminCommand;
import dev.ringside.bdev.nvme.queue.AdminQueue;
import dev.ringside.bdev.nvme.queue.QueuePair;
import dev.ringside.bdev.nvme.spec.CommandField;
import dev.ringside.bdev.nvme.spec.ErrorLogEntry;
import dev.ringside.bdev.nvme.spec.Feature;
import dev.ringside.bdev.nvme.spec.Fields;
import dev.ringside.bdev.nvme.spec.FirmwareLog;
import dev.ringside.bdev.nvme.spec.HealthLog;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.bdev.nvme.spec.IdentifyNamespace;
import dev.ringside.bdev.nvme.spec.NamespaceDescriptors;
import dev.ringside.bdev.nvme.spec.NvmController;
import dev.ringside.bdev.nvme.spec.Opcode;
import dev.ringside.bdev.nvme.spec.SanitizeLog;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The admin commands (base 2.0, 5), one method for each use. Owned by the controller's thread. */
final class ControllerCommands {
    private static final int PAGE = 4096;
    /** From this version on there are namespace descriptors. */
    private static final int VERSION_1_3 = 1 << 16 | 3 << 8;
    /** From this version on controllers may know of command sets. */
    private static final int VERSION_1_4 = 1 << 16 | 4 << 8;

    private static final int CHANGED_NAMESPACES = 1024;

    private final AdminQueue admin;
    private final DmaBuffer page;

    ControllerCommands(ControllerLink link) throws LinuxException {
        this.admin = link.admin();
        this.page = link.pool().allocate(PAGE, new DmaOwner("admin data"));
    }

    IdentifyController identifyController() throws NvmeException {
        return IdentifyController.read(identify("Identify (controller)", 0, CommandField.CNS_CONTROLLER));
    }

    /** The numbers of the namespaces that there are, in ascending order. */
    List<Integer> activeNamespaces() throws NvmeException {
        List<Integer> found = new ArrayList<>();
        int after = 0;
        while (true) {
            MemorySegment list = identify("Identify (active namespaces)", after, CommandField.CNS_ACTIVE_NAMESPACES);
            for (int i = 0; i < PAGE / Integer.BYTES; i++) {
                int nsid = Fields.u32(list, (long) i * Integer.BYTES);
                // The list ascends, and nobody has two thousand million: what does not is no list.
                if (nsid <= after) {
                    return found;
                }
                found.add(nsid);
                after = nsid;
            }
        }
    }

    IdentifyNamespace identifyNamespace(int nsid) throws NvmeException {
        return IdentifyNamespace.read(identify("Identify (namespace " + nsid + ")", nsid, CommandField.CNS_NAMESPACE));
    }

    NamespaceDescriptors descriptors(int nsid, int version) {
        if (version < VERSION_1_3) {
            return NamespaceDescriptors.NONE;
        }
        try {
            return NamespaceDescriptors.read(
                    identify("Identify (descriptors of namespace " + nsid + ")", nsid, CommandField.CNS_DESCRIPTORS));
        } catch (NvmeException e) {
            return NamespaceDescriptors.NONE;
        }
    }

    NvmController nvmController(int version) {
        if (version < VERSION_1_4) {
            return NvmController.NONE;
        }
        try {
            return NvmController.read(
                    identify("Identify (limits of the NVM command set)", 0, CommandField.CNS_NVM_CONTROLLER));
        } catch (NvmeException e) {
            return NvmController.NONE;
        }
    }

    /** Asks for pairs of I/O queues; returns how many there are, at least 1. */
    int setQueueCount(int wanted) throws NvmeException {
        int last = wanted - 1;
        int granted = admin.execute(AdminCommand.of(
                "Set Features (number of queues)",
                Opcode.SET_FEATURES,
                CommandField.FEATURE_NUMBER_OF_QUEUES,
                last << 16 | last));
        return Math.min(wanted, Math.min(granted & 0xffff, granted >>> 16) + 1);
    }

    /** Whether the volatile write cache is on. */
    boolean writeCacheEnabled() {
        try {
            return (feature(Feature.VOLATILE_WRITE_CACHE) & 1) != 0;
        } catch (NvmeException e) {
            // One that does not say is taken to have it on, which is safe.
            return true;
        }
    }

    /** Asks for asynchronous events; a controller that knows fewer kinds of them says no, and tells of those it has. */
    void askForEvents(int aerl) {
        try {
            admin.execute(AdminCommand.of(
                    "Set Features (asynchronous events)",
                    Opcode.SET_FEATURES,
                    CommandField.FEATURE_ASYNC_EVENTS,
                    CommandField.ASYNC_EVENTS));
        } catch (NvmeException e) {
            // What it cannot tell of is found out at the next reset.
        }
        admin.askForEvents(aerl + 1);
    }

    /** Makes the controller know a pair of queues. */
    void createQueues(QueuePair queues) throws NvmeException {
        int id = queues.id();
        int sizeAndId = ((queues.entries() - 1) << 16) | id;
        int interrupts = queues.interrupts() ? id << 16 | CommandField.CQ_INTERRUPTS : 0;
        admin.execute(AdminCommand.withData(
                "Create I/O Completion Queue",
                Opcode.CREATE_IO_CQ,
                0,
                queues.completionIova(),
                sizeAndId,
                interrupts | CommandField.QUEUE_CONTIGUOUS));
        admin.execute(AdminCommand.withData(
                "Create I/O Submission Queue",
                Opcode.CREATE_IO_SQ,
                0,
                queues.submissionIova(),
                sizeAndId,
                id << 16 | CommandField.QUEUE_CONTIGUOUS));
    }

    /** Makes the controller forget a pair of queues, and everything in them. */
    void deleteQueues(int id) throws NvmeException {
        admin.execute(AdminCommand.of("Delete I/O Submission Queue", Opcode.DELETE_IO_SQ, id, 0));
        admin.execute(AdminCommand.of("Delete I/O Completion Queue", Opcode.DELETE_IO_CQ, id, 0));
    }

    /** Asks for the end of a command; its completion says whether it came to one. */
    void abort(int queue, int commandId) throws NvmeException {
        admin.execute(AdminCommand.of("Abort", Opcode.ABORT, commandId << 16 | queue, 0));
    }

    HealthLog health() throws NvmeException {
        return HealthLog.read(log("Get Log Page (health)", CommandField.LOG_HEALTH, HealthLog.SIZE));
    }

    /** Reads which namespaces have changed, so that the next change is told. */
    void readChangedNamespaces() throws NvmeException {
        log(
                "Get Log Page (changed namespaces)",
                CommandField.LOG_CHANGED_NAMESPACES,
                CHANGED_NAMESPACES * Integer.BYTES);
    }

    /** Reads the newest errors, the last one first; after that the next one is told, too. */
    List<ErrorLogEntry> errors(int most) throws NvmeException {
        int count = Math.min(most, PAGE / ErrorLogEntry.SIZE);
        MemorySegment data = log("Get Log Page (errors)", CommandField.LOG_ERROR, count * ErrorLogEntry.SIZE);
        return IntStream.range(0, count)
                .mapToObj(i -> ErrorLogEntry.read(data, (long) i * ErrorLogEntry.SIZE))
                .filter(error -> error.count() != 0)
                .toList();
    }

    FirmwareLog firmware() throws NvmeException {
        return FirmwareLog.read(log("Get Log Page (firmware)", CommandField.LOG_FIRMWARE, FirmwareLog.SIZE));
    }

    SanitizeLog sanitizeStatus() throws NvmeException {
        return SanitizeLog.read(log("Get Log Page (sanitize status)", CommandField.LOG_SANITIZE, SanitizeLog.SIZE));
    }

    /** The value of a feature. */
    int feature(Feature feature) throws NvmeException {
        return admin.execute(AdminCommand.of("Get Features (" + feature + ")", Opcode.GET_FEATURES, feature.id(), 0));
    }

    /** Sets a feature; if it is saved, the value outlasts resets. */
    void setFeature(Feature feature, int value, boolean save) throws NvmeException {
        int how = feature.id() | (save ? CommandField.FEATURE_SAVE : 0);
        admin.execute(AdminCommand.of("Set Features (" + feature + ")", Opcode.SET_FEATURES, how, value));
    }

    /** Tells the controller where shadow doorbells are, and where it says which values it wants to hear of. */
    void shadowDoorbells(long values, long events) throws NvmeException {
        admin.execute(
                new AdminCommand("Doorbell Buffer Config", Opcode.DOORBELL_BUFFER_CONFIG, 0, values, events, 0, 0));
    }

    /**
     * Formats a namespace: all data is lost.
     *
     * @param format number of the LBA format
     * @param limitMs for the drive to do it
     */
    void format(int nsid, int format, SecureErase erase, long limitMs) throws NvmeException {
        int cdw10 = format | erase.ordinal() << CommandField.SECURE_ERASE_SHIFT;
        admin.execute(AdminCommand.withData("Format NVM", Opcode.FORMAT_NVM, nsid, 0, cdw10, 0), limitMs);
    }

    /** Begins to sanitize the drive: all data is lost. */
    void sanitize(SanitizeAction action) throws NvmeException {
        admin.execute(AdminCommand.of("Sanitize", Opcode.SANITIZE, action.cdw10(), 0));
    }

    /** Number of the LBA format without metadata whose blocks are that long; -1: there is none. */
    int formatOf(int nsid, int blockSize) throws NvmeException {
        return IdentifyNamespace.formatOf(
                identify("Identify (namespace " + nsid + ")", nsid, CommandField.CNS_NAMESPACE), blockSize);
    }

    private MemorySegment identify(String name, int nsid, int cns) throws NvmeException {
        page.segment().fill((byte) 0);
        admin.execute(AdminCommand.withData(name, Opcode.IDENTIFY, nsid, page.iova(), cns, 0));
        return page.segment();
    }

    private MemorySegment log(String name, int id, int bytes) throws NvmeException {
        page.segment().fill((byte) 0);
        int words = bytes / Integer.BYTES - 1;
        admin.execute(AdminCommand.withData(
                name, Opcode.GET_LOG_PAGE, CommandField.ALL_NAMESPACES, page.iova(), id | words << 16, 0));
        return page.segment();
    }
}
