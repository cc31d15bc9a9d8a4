package dev.ringside.bdev.nvme;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.bdev.nvme.spec.IdentifyNamespace;
import dev.ringside.bdev.nvme.spec.NamespaceDescriptors;
import dev.ringside.bdev.nvme.spec.NvmController;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The namespaces of a controller, as they were when it was last asked. Changed by the controller's thread. */
final class Namespaces {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private final NvmeController controller;
    private final ControllerCommands commands;
    private final long cap;
    /** By number; guarded by this object's monitor, as are the reasons why others are not driven. */
    private final Map<Integer, NvmeBdev> bdevs = new TreeMap<>();

    private final Map<Integer, String> refused = new TreeMap<>();
    /** Whether there shall be none for now. */
    private boolean withheld;

    Namespaces(NvmeController controller, ControllerCommands commands, long cap) {
        this.controller = controller;
        this.commands = commands;
        this.cap = cap;
    }

    /** Those that can be driven; any thread. */
    synchronized List<NvmeBdev> list() {
        return List.copyOf(bdevs.values());
    }

    /** Those that cannot, with the reason; any thread. */
    synchronized List<String> refusals() {
        return refused.entrySet().stream()
                .map(entry -> "namespace " + entry.getKey() + ": " + entry.getValue())
                .toList();
    }

    /**
     * Asks the controller what there is.
     *
     * @param listener told of what has changed; null: nobody
     */
    void refresh(IdentifyController ctrl, int version, @Nullable NvmeListener listener) throws NvmeException {
        if (withheld) {
            return;
        }
        List<Integer> active = commands.activeNamespaces();
        NvmController limits = commands.nvmController(version);
        boolean writeCache = (ctrl.vwc() & 1) != 0 && commands.writeCacheEnabled();
        Set<Integer> usable = new HashSet<>();
        for (int nsid : active) {
            IdentifyNamespace ns = commands.identifyNamespace(nsid);
            NamespaceDescriptors names = commands.descriptors(nsid, version);
            Optional<String> refusal = NamespaceShape.refusal(ns, names);
            if (refusal.isPresent()) {
                refuse(nsid, refusal.get());
            } else if (ns.nsze() > 0) {
                String name = controller.name() + "n" + nsid;
                BdevInfo info = NamespaceShape.describe(name, ctrl, limits, cap, writeCache, nsid, ns, names);
                usable.add(nsid);
                found(nsid, info, listener);
            }
        }
        for (NvmeBdev bdev : list()) {
            if (!usable.contains(bdev.nsid())) {
                remove(bdev, listener);
            }
        }
    }

    /** Forgets namespaces whose users have gone, so that the next {@link #refresh} tells of them as new. */
    synchronized void forget(List<Integer> numbers) {
        bdevs.keySet().removeAll(numbers);
    }

    /** Has {@link #refresh} find nothing, until it is told otherwise: the drive is being sanitized. */
    void withhold(boolean all) {
        withheld = all;
    }

    private void found(int nsid, BdevInfo info, @Nullable NvmeListener listener) {
        NvmeBdev known;
        synchronized (this) {
            refused.remove(nsid);
            known = bdevs.get(nsid);
        }
        if (known != null && same(known.info(), info)) {
            if (known.info().numBlocks() != info.numBlocks()) {
                known.resize(info.numBlocks());
                if (listener != null) {
                    listener.namespaceResized(known);
                }
            }
            return;
        }
        if (known != null) {
            // Another namespace under the same number, or the same in another format.
            remove(known, listener);
        }
        NvmeBdev bdev = new NvmeBdev(controller, nsid, info);
        synchronized (this) {
            bdevs.put(nsid, bdev);
        }
        if (listener != null) {
            listener.namespaceAdded(bdev);
        }
    }

    private static boolean same(BdevInfo known, BdevInfo found) {
        return known.equals(found.withNumBlocks(known.numBlocks()));
    }

    private void remove(NvmeBdev bdev, @Nullable NvmeListener listener) {
        synchronized (this) {
            bdevs.remove(bdev.nsid());
        }
        if (listener != null) {
            listener.namespaceRemoved(bdev);
        }
    }

    private void refuse(int nsid, String reason) {
        boolean news;
        synchronized (this) {
            news = !reason.equals(refused.put(nsid, reason));
        }
        if (news) {
            LOG.warn("{} namespace {} is not used: {}", controller.name(), nsid, reason);
        }
    }
}
