package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostIdentity;
import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import dev.ringside.bdev.scsi.mpt.AdapterFunction;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.IocLink;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocFacts;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Broadcom SAS adapter that speaks MPI 2.5 or 2.6. */
public final class Mpt3sasDriver implements ScsiHostDriver {
    private static final Logger LOG = LoggerFactory.getLogger(Mpt3sasDriver.class);
    private static final int MAX_TRANSFER = 1 << 20;

    private final AdapterFunction function;
    private final MptPatience patience;
    private final SasTargets targets = new SasTargets();
    private @Nullable Adapter adapter;
    private @Nullable HostIdentity identity;
    private SasDomain domain = SasDomain.NONE;
    private long straysSeen;

    /**
     * Makes one, which does not touch the adapter yet.
     *
     * @param function given over
     */
    public Mpt3sasDriver(PciFunction function, MptPatience patience) {
        this.function = new AdapterFunction(function);
        this.patience = patience;
    }

    /** What there is once the adapter has been brought up. */
    private record Adapter(
            IocLink link,
            IocFacts facts,
            QueueShape shape,
            Rings rings,
            Mpt3Events events,
            OwnRequests own,
            List<Mpt3Queue> queues,
            boolean interrupts,
            ConfigPages pages,
            HostControl control) {}

    @Override
    public void start(HostControl control) throws ScsiHostException {
        Registers registers = function.open();
        IocLink link = new IocLink(registers, WriteSequence.MPI_2, patience);
        link.makeReady();
        IocStartUp startUp = new IocStartUp(link, patience);
        IocFacts facts = startUp.facts();
        startUp.requirePort(facts);
        QueueShape shape = QueueShape.of(facts);
        FrameMemory memory = allocate(shape);
        RequestPost requestPost = new RequestPost(registers, facts.hasAtomicRequests());
        Rings rings = new Rings(registers, memory, requestPost, new ReplyFreeQueue(registers, memory, shape));
        ScsiTopology topology = control.topology();
        Mpt3Events events = new Mpt3Events(topology, targets, shape);
        OwnRequests own = new OwnRequests(shape, memory, requestPost, events);
        List<Mpt3Queue> queues = new ArrayList<>();
        for (int i = 0; i < shape.queues(); i++) {
            queues.add(new Mpt3Queue(i, shape, rings, function.dma(), topology, i == 0 ? own : null));
        }
        ConfigPages pages =
                new ConfigPages(new ConfigReader(own, memory.page(), memory.pageAddress(), control, patience));
        boolean interrupts = function.interrupt(control, shape.queues());
        adapter = new Adapter(link, facts, shape, rings, events, own, List.copyOf(queues), interrupts, pages, control);
        bringUp(adapter);
        identity = identify(adapter);
        LOG.info("{}: {}, {}, {}", function.address(), identity, shape, facts);
    }

    @Override
    public HostCapabilities capabilities() {
        QueueShape shape = adapter().shape;
        return new HostCapabilities(
                shape.queues(),
                shape.depth(),
                MAX_TRANSFER,
                shape.segments(),
                IeeeSgList.ALIGNMENT,
                0,
                ScsiCommand.CDB_BYTES);
    }

    @Override
    public HostIdentity identity() {
        return Objects.requireNonNull(identity, "start() comes first");
    }

    @Override
    public ScsiHostQueue queue(int index) {
        return adapter().queues.get(index);
    }

    @Override
    public DmaSpace dma() {
        return function.dma();
    }

    @Override
    public List<ScsiTarget> scanBus() throws ScsiHostException {
        ConfigPages.Seen seen = adapter().pages.scan();
        domain = seen.domain();
        return targets.update(seen.targets());
    }

    @Override
    public SasDomain domain() {
        return domain;
    }

    @Override
    public void check() throws ScsiHostException {
        Adapter up = adapter();
        up.link.requireOperational();
        // Of an event, perhaps, for which no reactor looks while it has no commands.
        List<String> warnings = new ArrayList<>();
        up.control.onQueue(() -> {
            up.queues.getFirst().poll(up.shape.postDepth());
            warnings.addAll(up.events.takeWarnings());
        });
        warnings.forEach(warning -> LOG.warn("{}: {}", function.address(), warning));
        long strays = up.queues.stream().mapToLong(Mpt3Queue::strays).sum();
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
            if (!QueueShape.of(facts).equals(up.shape)) {
                throw new ScsiHostException(Kind.FATAL, "the IOC came back as another: " + facts);
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
            up.rings.memory().close();
        }
        function.close();
    }

    /** From READY to enabled ports and events. */
    private void bringUp(Adapter up) throws ScsiHostException {
        IocStartUp startUp = new IocStartUp(up.link, patience);
        up.queues.forEach(Mpt3Queue::clear);
        targets.reset();
        up.rings.replyFree().fill();
        startUp.init(up.facts, up.shape, up.rings.memory(), up.interrupts);
        up.queues.forEach(Mpt3Queue::publish);
        up.rings.replyFree().publish();
        if (up.interrupts) {
            // Before there can be any, so that each is told of.
            up.link.unmaskReplies();
        }
        up.control.onQueue(up.own::askForEvents);
        startUp.enablePorts(up.own, up.control);
        // That may have taken longer than targets are waited for.
        targets.hold();
    }

    private HostIdentity identify(Adapter up) throws ScsiHostException {
        ManufacturingPage0 board = up.pages.manufacturing();
        return new HostIdentity(
                function.address(), Mpt3sasProvider.NAME, board.model(), up.facts.firmware(), up.pages.sasAddress());
    }

    private FrameMemory allocate(QueueShape shape) throws ScsiHostException {
        try {
            return new FrameMemory(function.dma(), shape);
        } catch (LinuxException e) {
            throw new ScsiHostException(
                    Kind.FATAL, "memory for " + shape.commands() + " commands: " + e.getMessage(), e);
        }
    }

    private Adapter adapter() {
        return Objects.requireNonNull(adapter, "start() comes first");
    }
}
