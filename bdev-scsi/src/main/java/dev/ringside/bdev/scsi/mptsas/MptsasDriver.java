package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostIdentity;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import dev.ringside.bdev.scsi.mpt.AdapterFunction;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.IocLink;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mptsas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An LSI SAS adapter that speaks MPI 1.5. */
public final class MptsasDriver implements ScsiHostDriver {
    private static final Logger LOG = LoggerFactory.getLogger(MptsasDriver.class);
    private static final int MOST_COMMANDS = 512;
    private static final int MOST_REPLIES = 1024;
    /** Reply frames for events, while every request needs one. */
    private static final int EVENT_REPLIES = 8;

    private static final int MAX_SEGMENTS = 128;
    private static final int MAX_TRANSFER = 1 << 20;

    private final AdapterFunction function;
    private final MptPatience patience;
    private final SasTargets targets = new SasTargets();
    private @Nullable Adapter adapter;
    private @Nullable HostIdentity identity;
    private long straysSeen;

    /**
     * Makes one, which does not touch the adapter yet.
     *
     * @param function given over
     */
    public MptsasDriver(PciFunction function, MptPatience patience) {
        this.function = new AdapterFunction(function);
        this.patience = patience;
    }

    /** What there is once the adapter has been brought up. */
    private record Adapter(
            IocLink link,
            Registers registers,
            IocFacts facts,
            FrameMemory memory,
            MptQueue queue,
            ConfigPages pages,
            boolean interrupts,
            HostControl control,
            HostCapabilities capabilities) {}

    @Override
    public void start(HostControl control) throws ScsiHostException {
        Registers registers = function.open();
        IocLink link = new IocLink(registers, WriteSequence.MPI_1, patience);
        link.makeReady();
        IocStartUp startUp = new IocStartUp(link, patience);
        IocFacts facts = startUp.facts();
        int replies = Math.min(facts.replyQueueDepth(), MOST_REPLIES);
        int requests = Math.min(facts.globalCredits(), replies - EVENT_REPLIES);
        int depth = Math.min(requests - MptQueue.OWN_REQUESTS, MOST_COMMANDS);
        if (depth < 1 || facts.requestFrameBytes() < FrameMemory.REQUEST_BYTES) {
            throw new ScsiHostException(Kind.UNSUPPORTED, "the IOC is too small: " + facts);
        }
        FrameMemory memory = allocate(depth, replies);
        int segments = Math.min(SgList.maxSegments(facts.maxChainDepth()), MAX_SEGMENTS);
        MptQueue queue = new MptQueue(
                registers,
                memory,
                function.dma(),
                new SgList(memory, segments),
                new IocEvents(control.topology(), targets, replies),
                depth,
                facts.hasHighPriorityQueue()
                        ? SystemRegisters.HIGH_PRIORITY_REQUEST_FIFO
                        : SystemRegisters.REQUEST_FIFO);
        ConfigPages pages =
                new ConfigPages(new ConfigReader(queue, memory.page(), memory.pageAddress(), control, patience));
        HostCapabilities capabilities =
                new HostCapabilities(1, depth, MAX_TRANSFER, segments, SgList.ALIGNMENT, 0, ScsiCommand.CDB_BYTES);
        boolean interrupts = function.interrupt(control, 1);
        adapter = new Adapter(link, registers, facts, memory, queue, pages, interrupts, control, capabilities);
        bringUp(adapter);
        identity = identify(adapter);
        LOG.info("{}: {}, queue depth {}, {}", function.address(), identity, depth, facts);
    }

    @Override
    public HostCapabilities capabilities() {
        return adapter().capabilities;
    }

    @Override
    public HostIdentity identity() {
        return Objects.requireNonNull(identity, "start() comes first");
    }

    @Override
    public ScsiHostQueue queue(int index) {
        Objects.checkIndex(index, 1);
        return adapter().queue;
    }

    @Override
    public DmaSpace dma() {
        return function.dma();
    }

    @Override
    public List<ScsiTarget> scanBus() throws ScsiHostException {
        return targets.update(adapter().pages.targets());
    }

    @Override
    public void check() throws ScsiHostException {
        Adapter up = adapter();
        up.link.requireOperational();
        int status = up.registers.read32(Doorbell.HOST_INTERRUPT_STATUS);
        if ((status & Doorbell.HIS_REPLY_MESSAGE_INTERRUPT) != 0) {
            // Of an event, perhaps, for which no reactor looks while it has no commands.
            up.control.onQueue(up.queue::pollIdle);
        }
        long strays = up.queue.strays();
        if (strays != straysSeen) {
            LOG.warn("{}: {} replies belonged to nothing", function.address(), strays - straysSeen);
            straysSeen = strays;
        }
    }

    @Override
    public void resetController(int attempt) throws ScsiHostException {
        Adapter up = adapter();
        try {
            function.reset(up.link, attempt);
            IocFacts facts = new IocStartUp(up.link, patience).facts();
            if (facts.globalCredits() < up.facts.globalCredits()
                    || facts.replyQueueDepth() < up.facts.replyQueueDepth()
                    || facts.maxChainDepth() < up.facts.maxChainDepth()) {
                throw new ScsiHostException(Kind.FATAL, "the IOC came back smaller: " + facts);
            }
            bringUp(up);
        } catch (ScsiHostException e) {
            function.isolate();
            throw e;
        }
    }

    @Override
    public void close() {
        Adapter up = adapter;
        adapter = null;
        if (up != null) {
            function.leave(up.link);
            up.memory.close();
        }
        function.close();
    }

    /** From READY, with empty FIFOs, to enabled ports and events. */
    private void bringUp(Adapter up) throws ScsiHostException {
        IocStartUp startUp = new IocStartUp(up.link, patience);
        startUp.init(up.facts, up.memory);
        up.queue.restart();
        startUp.enablePorts(up.facts);
        if (up.interrupts) {
            // Before there can be any, so that each is told of.
            up.link.unmaskReplies();
        }
        up.queue.askForEvents();
    }

    private HostIdentity identify(Adapter up) throws ScsiHostException {
        ManufacturingPage0 board = up.pages.manufacturing();
        return new HostIdentity(function.address(), MptsasProvider.NAME, board.model(), up.facts.firmware(), 0);
    }

    private FrameMemory allocate(int depth, int replies) throws ScsiHostException {
        try {
            return new FrameMemory(function.dma(), depth + MptQueue.OWN_FRAMES, depth, replies);
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.FATAL, "memory for " + depth + " commands: " + e.getMessage(), e);
        }
    }

    private Adapter adapter() {
        return Objects.requireNonNull(adapter, "start() comes first");
    }
}
