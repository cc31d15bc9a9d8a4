package dev.ringside.testkit.nvme;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A controller that a thread of its own plays: registers are shared memory that it watches, and everything else goes as on
 * a real one, through queues in memory that was mapped for it. It insists on what the specification asks of a driver, and
 * notes each violation. Methods without another word are for any thread.
 */
public final class NvmeModel implements PciFunction {
    private static final int BAR_BYTES = 0x4000;
    private static final long IDLE_NS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final int SPINS = 2_000;

    private final NvmeModelSettings settings;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bar = arena.allocate(BAR_BYTES, 4096);
    private final Registers registers = new Registers(bar);
    private final ModelMemory memory = new ModelMemory();
    private final DmaSpace dma;
    private final EventFd releaseRequest;
    private final ModelController controller;
    private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean ending;

    /**
     * Makes a controller, and starts it.
     *
     * @param dma what it reaches, with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors
     */
    public NvmeModel(NvmeModelSettings settings, DmaSpace dma) throws LinuxException {
        this.settings = settings;
        this.dma = dma;
        this.releaseRequest = EventFd.create();
        this.controller = new ModelController(settings, arena, bar, memory);
        dma.activate(memory);
        this.thread = new Thread(this::run, "nvme-model");
        thread.setDaemon(true);
        thread.start();
    }

    /** Everything in which the driver was wrong, so far. */
    public List<String> violations() {
        return controller.violations();
    }

    /** I/O commands that came so far. */
    public long commands() {
        return controller.commands();
    }

    /** I/O commands with FUA that came so far. */
    public long forced() {
        return controller.forced();
    }

    /** How many pieces of memory are mapped for it. */
    public int mappings() {
        return memory.mappingCount();
    }

    /** Pulls it out: registers read as all ones, and it does nothing any more. */
    public void vanish() {
        orders.add(controller::disappear);
    }

    /** Asks for it back, as the system does that wants to take it away in an orderly way. */
    public void askBack() {
        releaseRequest.signal();
    }

    /** Gives a namespace another capacity, and tells. */
    public void resize(int nsid, long blocks) {
        orders.add(() -> controller.resize(nsid, blocks));
    }

    /** Makes a block unreadable. */
    public void spoil(int nsid, long lba) {
        orders.add(() -> controller.spoil(nsid, lba));
    }

    /** Adds a namespace, or takes one of that number away, and tells. */
    public void toggle(NvmeModelSettings.Namespace shape) {
        orders.add(() -> controller.toggle(shape));
    }

    @Override
    public PciAddress address() {
        return new PciAddress(0, 0xee, 0, 0);
    }

    @Override
    public int readConfig(int offset, int bytes) {
        return 0;
    }

    @Override
    public void writeConfig(int offset, int bytes, int value) {
        // Nothing in it is of interest.
    }

    @Override
    public Registers bar(int index) throws LinuxException {
        if (index != 0) {
            throw new LinuxException("map", "BAR " + index, Errno.ENXIO);
        }
        return registers;
    }

    @Override
    public void busMaster(boolean on) {
        controller.busMaster = on;
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public int vectors() {
        return settings.vectors();
    }

    @Override
    public void interrupt(List<EventFd> counters) {
        controller.interrupts = List.copyOf(counters);
    }

    @Override
    public EventFd releaseRequest() {
        return releaseRequest;
    }

    @Override
    public void reset() {
        controller.busMaster = false;
        boolean[] done = {false};
        orders.add(() -> {
            controller.resetFunction();
            synchronized (done) {
                done[0] = true;
                done.notifyAll();
            }
        });
        synchronized (done) {
            while (!done[0] && thread.isAlive()) {
                try {
                    done.wait(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** Ends the model; all memory has to be taken back from it. */
    @Override
    public void close() {
        if (ending) {
            return;
        }
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        dma.deactivate();
        releaseRequest.close();
        arena.close();
    }

    private void run() {
        int idle = 0;
        while (!ending) {
            Runnable order = orders.poll();
            if (order != null) {
                order.run();
            }
            boolean worked = controller.turn();
            idle = worked ? 0 : idle + 1;
            if (idle > SPINS) {
                LockSupport.parkNanos(IDLE_NS);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
