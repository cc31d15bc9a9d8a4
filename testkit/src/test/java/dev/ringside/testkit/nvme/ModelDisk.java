package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.fault.FaultyFunction;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeListener;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.testkit.bdev.ReachableMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The first namespace of a model, with its controller; destroying it detaches the controller. */
public final class ModelDisk implements Bdev, NvmeListener {
    /** For tests that shall see a time-out; of the controller's own commands, none that is the machine's. */
    static final NvmeOptions IMPATIENT = new NvmeOptions(64, 50, 3_000, 8, false);

    /** For tests that shall see none, however long the model's thread is kept waiting. */
    static final NvmeOptions PATIENT = new NvmeOptions(64, 10_000, 10_000, 8, false);

    /** For faults at random, each of which may take an attempt from the same command. */
    static final NvmeOptions STUBBORN = new NvmeOptions(64, 50, 3_000, 100, false);

    private static final int MAPPED_BYTES = 32 << 20;

    /** What it is on. */
    public final NvmeModel model;
    /** Between the driver and the model. */
    final FaultyFunction function;

    final NvmeController controller;
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private final DmaSpace dma = new DmaSpace();
    private final ReachableMemory memory = new ReachableMemory(dma, MAPPED_BYTES);
    private final NvmeBdev namespace;

    /** Attaches a model. */
    public ModelDisk(NvmeModelSettings settings, NvmeOptions options) throws IOException {
        this.model = new NvmeModel(settings, dma);
        this.function = new FaultyFunction(model, () -> {});
        this.controller = NvmeController.attach("Model", function, options, this);
        this.namespace = controller.namespaces().getFirst();
    }

    /** Memory that the controller reaches and, for long requests, other. */
    MemorySegment allocate(Arena arena, long bytes) {
        return memory.allocate(arena, bytes);
    }

    /** The next thing that the controller told of. */
    String nextEvent() throws InterruptedException {
        String event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event in 30 s").isNotNull();
        return String.valueOf(event);
    }

    /** What the controller reaches. */
    DmaSpace dma() {
        return dma;
    }

    @Override
    public BdevInfo info() {
        return namespace.info();
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return namespace.openChannel(reactor);
    }

    @Override
    public void destroy() {
        controller.close();
        memory.close();
        assertThat(model.violations())
                .as("what the driver did that it must not")
                .isEmpty();
    }

    @Override
    public void namespaceAdded(NvmeBdev bdev) {
        events.add("added " + bdev.info().name());
    }

    @Override
    public void namespaceRemoved(NvmeBdev bdev) {
        events.add("removed " + bdev.info().name());
    }

    @Override
    public void namespaceResized(NvmeBdev bdev) {
        events.add("resized " + bdev.info().name() + " to " + bdev.info().numBlocks());
    }

    @Override
    public void controllerRemoved(NvmeController removed) {
        events.add("gone " + removed.name());
    }
}
