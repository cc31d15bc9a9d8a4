package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.env.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work on drives for which their disks have to be taken away, and come back. Any thread that may wait. */
public final class NvmeUpkeep {
    private final NvmeControllers controllers;
    private final Disks disks;
    private final ControlLock control;

    /** Makes one; nothing is done yet. */
    public NvmeUpkeep(NvmeControllers controllers, Disks disks, ControlLock control) {
        this.controllers = controllers;
        this.disks = disks;
        this.control = control;
    }

    /**
     * Takes disks away, does something, and brings the disks back that there are then, whether it succeeded or not.
     *
     * @param concerned disks that nobody may have open
     * @param work returns when it is done
     * @throws BdevException EBUSY if a disk is open; and what the work says
     */
    public void withoutDisks(NvmeController controller, List<NvmeBdev> concerned, Callable<?> work) throws Exception {
        CompletableFuture<?>[] gone = control.change(() -> takeAway(concerned));
        try {
            CompletableFuture.allOf(gone).get();
            work.call();
        } finally {
            control.change(() -> controllers.addAll(controller));
        }
    }

    private CompletableFuture<?>[] takeAway(List<NvmeBdev> concerned) throws BdevException {
        for (NvmeBdev bdev : concerned) {
            String name = bdev.info().name();
            if (disks.registry().isOpen(name)) {
                throw new BdevException(Errno.EBUSY, "bdev " + name + " is in use");
            }
        }
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (NvmeBdev bdev : concerned) {
            gone.add(disks.remove(DiskKind.NVME, bdev.info().name()));
        }
        return gone.toArray(CompletableFuture[]::new);
    }
}
