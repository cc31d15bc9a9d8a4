package dev.ringside.benchmarks.hw;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mptsas.MptsasProvider;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An adapter that vfio-pci has, alone in this process. One thread. */
public final class HwAdapter implements HostControl, ScsiTopology, AutoCloseable {
    private static final List<ScsiHostDriverProvider> DRIVERS = List.of(new MptsasProvider());
    private static final int BUDGET = 64;
    private static final long ANSWER_NS = TimeUnit.SECONDS.toNanos(30);
    /** A device tells of its resets before it does anything. */
    private static final int TRIES = 5;

    private static final int SERVICE_ACTION_IN = 0x9e;
    private static final int READ_CAPACITY_16 = 0x10;
    private static final int CAPACITY_BYTES = 32;

    private final Mapping memory;
    private final ScsiHostDriver driver;

    /**
     * Resets an adapter and brings it up.
     *
     * @param bytes of memory for data
     * @throws LoadException if there is no driver for it
     * @throws IOException if it does not come up, or vfio-pci does not have it
     */
    public HwAdapter(PciAddress address, long bytes) throws IOException, LoadException {
        PciDevice device =
                new PciBus().find(address).orElseThrow(() -> new LoadException("there is no PCI device " + address));
        ScsiHostDriverProvider provider = DRIVERS.stream()
                .filter(known -> known.drives(device))
                .findFirst()
                .orElseThrow(() -> new LoadException("no driver is for " + address
                        + String.format(" (%04x:%04x)", device.vendor(), device.device())));
        this.memory = Mapping.anonymous(bytes);
        DmaSpace dma = new DmaSpace();
        try {
            dma.add(memory.segment());
            this.driver = provider.open(new VfioHost(dma).open(device));
        } catch (IOException e) {
            memory.close();
            throw e;
        }
        try {
            driver.start(this);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** What it can take. */
    public HostCapabilities capabilities() {
        return driver.capabilities();
    }

    /** What it is, in words. */
    public String describe() {
        return driver.identity().model() + ", driver " + driver.identity().driver();
    }

    MemorySegment memory() {
        return memory.segment();
    }

    ScsiHostQueue queue() {
        return driver.queue(0);
    }

    /**
     * A disk, by the number of its target.
     *
     * @throws LoadException if there is none, or it does not say how large it is
     * @throws IOException if the adapter has failed
     */
    public HwDisk disk(int target) throws IOException, LoadException {
        List<ScsiTarget> found = driver.scanBus();
        ScsiTarget wanted = found.stream()
                .filter(candidate -> candidate.id() == target)
                .findFirst()
                .orElseThrow(() -> new LoadException("there is no target " + target + ", but " + found));
        ScsiDevice device = new ScsiDevice(wanted, 0);
        boolean[] ended = new boolean[1];
        ScsiCommand command = new ScsiCommand(0, done -> ended[0] = true);
        ScatterList data = new ScatterList(1);
        data.add(memory(), 0, CAPACITY_BYTES);
        for (int i = 0; i < TRIES; i++) {
            ended[0] = false;
            command.cdb()[0] = (byte) SERVICE_ACTION_IN;
            command.cdb()[1] = READ_CAPACITY_16;
            command.cdb()[13] = CAPACITY_BYTES;
            command.prepare(device, 16, ScsiCommand.READ, data, System.nanoTime() + ANSWER_NS);
            if (queue().queueCommand(command) != ScsiHostQueue.QUEUED) {
                throw new LoadException("the adapter takes no command");
            }
            queue().commit();
            if (!await(() -> ended[0], System.nanoTime() + ANSWER_NS)) {
                throw new LoadException(wanted + " does not answer");
            }
            if (command.hostStatus() == HostStatus.DELIVERED && command.scsiStatus() == ScsiStatus.GOOD) {
                byte[] said = memory().asSlice(0, CAPACITY_BYTES).toArray(ValueLayout.JAVA_BYTE);
                return new HwDisk(device, BigEndian.u64(said, 0) + 1, (int) BigEndian.u32(said, 8));
            }
        }
        throw new LoadException(wanted + " does not say how large it is");
    }

    @Override
    public ScsiTopology topology() {
        return this;
    }

    @Override
    public void onQueue(Runnable action) {
        action.run();
    }

    @Override
    public boolean await(BooleanSupplier done, long deadlineNs) {
        while (!done.getAsBoolean()) {
            if (queue().poll(BUDGET) == 0) {
                if (System.nanoTime() - deadlineNs > 0) {
                    return false;
                }
                Thread.onSpinWait();
            }
        }
        return true;
    }

    @Override
    public void changed() {
        // Nothing comes or goes while something is measured; if it does, commands fail.
    }

    @Override
    public void removed(ScsiTarget target) {
        // As above.
    }

    @Override
    public void disturbed(ScsiTarget target) {
        // As above.
    }

    @Override
    public void failed(String why) {
        // Commands do not end then, which is told.
    }

    @Override
    public void close() {
        driver.close();
        memory.close();
    }
}
