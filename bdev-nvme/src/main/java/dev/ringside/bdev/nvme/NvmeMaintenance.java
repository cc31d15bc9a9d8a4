package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.NvmeException.Kind;
import dev.ringside.bdev.nvme.spec.ErrorLogEntry;
import dev.ringside.bdev.nvme.spec.Feature;
import dev.ringside.bdev.nvme.spec.FirmwareLog;
import dev.ringside.bdev.nvme.spec.HealthLog;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.bdev.nvme.spec.SanitizeLog;
import dev.ringside.bdev.nvme.spec.SanitizeLog.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to a drive besides reading and writing. Any thread: the controller's own does it, and the result is there when
 * it has. Whoever calls what makes other disks of namespaces has taken the old ones away from their users; the listener is
 * told of the new ones.
 */
public final class NvmeMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);
    private static final int TICKS_BETWEEN_LOOKS = 10;

    private final NvmeController controller;
    private final ControllerCommands commands;
    private final IdentifyController identity;
    private final Namespaces namespaces;
    private boolean sanitizing;
    private int ticks;

    NvmeMaintenance(
            NvmeController controller,
            ControllerCommands commands,
            IdentifyController identity,
            Namespaces namespaces) {
        this.controller = controller;
        this.commands = commands;
        this.identity = identity;
        this.namespaces = namespaces;
    }

    /** Asks for the drive's health. */
    public CompletableFuture<HealthLog> health() {
        return controller.call(commands::health);
    }

    /** Asks for the last errors, the newest first. */
    public CompletableFuture<List<ErrorLogEntry>> errors() {
        return controller.call(() -> commands.errors(identity.elpe() + 1));
    }

    /** Asks for the firmware that there is. */
    public CompletableFuture<FirmwareLog> firmware() {
        return controller.call(commands::firmware);
    }

    /** Asks for the value of a feature. */
    public CompletableFuture<Integer> feature(Feature feature) {
        return controller.call(() -> commands.feature(feature));
    }

    /**
     * Gives a feature a value.
     *
     * @param save whether it outlasts a reset of the drive
     */
    public CompletableFuture<Void> setFeature(Feature feature, int value, boolean save) {
        List<Integer> changed = feature.changesDisks() ? numbers() : List.of();
        return change(changed, () -> commands.setFeature(feature, value, save));
    }

    /** The namespaces whose data is lost when one is formatted (FNA). */
    public List<NvmeBdev> formatted(int nsid, SecureErase erase) {
        boolean all = (identity.fna() & IdentifyController.FNA_FORMAT_ALL) != 0
                || (erase != SecureErase.NONE && (identity.fna() & IdentifyController.FNA_ERASE_ALL) != 0);
        return controller.namespaces().stream()
                .filter(bdev -> all || bdev.nsid() == nsid)
                .toList();
    }

    /**
     * Formats a namespace: its data is lost, and that of all that {@link #formatted} names.
     *
     * @param blockSize in bytes, from now on
     * @param limitMs for the drive to do it; other work of the controller's thread waits so long
     */
    public CompletableFuture<Void> format(int nsid, int blockSize, SecureErase erase, long limitMs) {
        List<Integer> changed =
                formatted(nsid, erase).stream().map(NvmeBdev::nsid).toList();
        return change(changed, () -> {
            require((identity.oacs() & IdentifyController.OACS_FORMAT) != 0, "it has no Format NVM (OACS)");
            int format = commands.formatOf(nsid, blockSize);
            require(
                    format >= 0,
                    "namespace " + nsid + " has no format with blocks of " + blockSize + " bytes and without metadata");
            commands.format(nsid, format, erase, limitMs);
            LOG.warn("{}: namespace {} was formatted", controller.name(), nsid);
        });
    }

    /** Begins to make impossible to recover what was ever written to the drive. Its disks come back when that is done. */
    public CompletableFuture<Void> sanitize(SanitizeAction action) {
        return change(numbers(), () -> {
            require(action.offered(identity.sanicap()), "it cannot be sanitized so (SANICAP)");
            commands.sanitize(action);
            LOG.warn("{} is being sanitized", controller.name());
            sanitizing = true;
            namespaces.withhold(true);
        });
    }

    /** Asks how far the drive is with being sanitized. */
    public CompletableFuture<SanitizeLog> sanitizeStatus() {
        return controller.call(commands::sanitizeStatus);
    }

    /** Brings the disks back when the drive has been sanitized. On the controller's thread. */
    void tick() throws NvmeException {
        if (!sanitizing || ++ticks % TICKS_BETWEEN_LOOKS != 0) {
            return;
        }
        SanitizeLog log = commands.sanitizeStatus();
        if (log.status() != Status.RUNNING) {
            LOG.warn("{} has been sanitized: {}", controller.name(), log.status());
            sanitizing = false;
            namespaces.withhold(false);
            controller.refreshNamespaces();
        }
    }

    /** A command that changes disks. */
    private interface Change {
        void make() throws NvmeException;
    }

    private CompletableFuture<Void> change(List<Integer> disks, Change change) {
        return controller.call(() -> {
            namespaces.forget(disks);
            try {
                change.make();
            } finally {
                controller.refreshNamespaces();
            }
            return null;
        });
    }

    private List<Integer> numbers() {
        return controller.namespaces().stream().map(NvmeBdev::nsid).toList();
    }

    private void require(boolean can, String otherwise) throws NvmeException {
        if (!can) {
            throw new NvmeException(Kind.UNSUPPORTED, controller.name() + ": " + otherwise);
        }
    }
}
