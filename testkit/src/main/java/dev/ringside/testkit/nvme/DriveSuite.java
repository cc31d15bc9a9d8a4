package dev.ringside.testkit.nvme;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeListener;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.bdev.BdevSubject;
import dev.ringside.testkit.bdev.BdevSuite;
import dev.ringside.testkit.bdev.LentBdev;
import dev.ringside.testkit.bdev.ReachableMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Runs the bdev conformance suite on the namespaces of a drive that vfio-pci has; everything on them is lost. For a guest
 * of the tests, or a drive that nobody needs.
 */
public final class DriveSuite {
    private static final int MAPPED_BYTES = 32 << 20;
    private static final int STEADY_REQUESTS = 2_000;

    private DriveSuite() {}

    /**
     * Takes a PCI address, then the number of a namespace whose last block cannot be read and which is checked for that only.
     * The drive is polled for its namespaces of odd numbers, and interrupts for the others. The exit status is 0 if every
     * check passed.
     */
    public static void main(String[] args) throws Exception {
        PciAddress address = PciAddress.parse(args[0]).orElseThrow();
        int spoilt = Integer.parseInt(args[1]);
        int failed = run(address, false, spoilt) + run(address, true, spoilt);
        System.out.println(failed == 0 ? "suite: passed" : "suite: " + failed + " checks failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private static int run(PciAddress address, boolean interrupts, int spoilt) throws IOException {
        int failed = 0;
        System.out.println(interrupts ? "with interrupts:" : "polled:");
        try (Drive drive = new Drive(address, NvmeOptions.DEFAULT.withInterrupts(interrupts))) {
            for (NvmeBdev namespace : drive.controller.namespaces()) {
                OnNamespace subject = new OnNamespace(drive, namespace);
                if (interrupts != (namespace.nsid() % 2 == 0)) {
                    continue;
                }
                failed += namespace.nsid() == spoilt
                        ? BdevSuite.runUnreadable(subject, IoStatus.IO_ERROR, System.out)
                        : BdevSuite.run(subject, System.out);
            }
            System.out.println("statistics: " + drive.controller.info().stats());
        }
        return failed;
    }

    /** A controller with memory for requests. */
    private static final class Drive implements NvmeListener, AutoCloseable {
        final NvmeController controller;
        private final ReachableMemory memory;

        Drive(PciAddress address, NvmeOptions options) throws IOException {
            DmaSpace dma = new DmaSpace();
            memory = new ReachableMemory(dma, MAPPED_BYTES);
            VfioHost host = new VfioHost(dma);
            controller = NvmeController.attach(
                    "Drive", host.open(new PciBus().find(address).orElseThrow()), options, this);
        }

        /** Memory that the drive reaches and, for long requests, other. */
        MemorySegment allocate(Arena arena, long bytes) {
            return memory.allocate(arena, bytes);
        }

        @Override
        public void namespaceAdded(NvmeBdev bdev) {
            System.out.println("added " + bdev.info().name());
        }

        @Override
        public void namespaceRemoved(NvmeBdev bdev) {
            System.out.println("removed " + bdev.info().name());
        }

        @Override
        public void namespaceResized(NvmeBdev bdev) {
            System.out.println("resized " + bdev.info().name());
        }

        @Override
        public void controllerRemoved(NvmeController removed) {
            System.out.println("gone " + removed.name());
        }

        @Override
        public void close() {
            controller.close();
            memory.close();
        }
    }

    private record OnNamespace(Drive drive, NvmeBdev namespace) implements BdevSubject {
        @Override
        public String name() {
            return namespace.info().name() + " with blocks of "
                    + namespace.info().blockSize();
        }

        @Override
        public Bdev create() {
            return new LentBdev(namespace);
        }

        @Override
        public int steadyRequests() {
            return STEADY_REQUESTS;
        }

        @Override
        public MemorySegment allocate(Arena arena, long bytes) {
            return drive.allocate(arena, bytes);
        }
    }
}
