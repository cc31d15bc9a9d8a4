package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.scsi.InitiatorState.NexusState;
import dev.ringside.vhost.scsi.unit.Initiator;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.Target;
import dev.ringside.vhost.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The device as one front end has it: an initiator port, with a nexus to each logical unit, and the queues. What it holds is
 * guarded by its monitor, which a reactor takes when a queue is opened or closed; it is never held while somebody waits.
 */
final class ScsiSession implements VirtioDevice, Initiator {
    private final ScsiDevice device;
    private final Targets targets;
    private final TaskManagement taskManagement = new TaskManagement(this);
    private final Map<Long, Nexus> nexuses = new HashMap<>();
    private final List<RequestQueue> queues = new ArrayList<>();
    /** By which the initiator port is named; -1 until the first request queue is opened. */
    private int index = -1;

    private byte[] name = {};
    /** Whether the port is its own: from before its first request queue is opened until the last is closed. */
    private boolean sends;

    private @Nullable EventQueue events;
    /** What another process knew, until the event queue goes on with it. */
    private @Nullable InitiatorState adopted;

    /** Makes one without a name. */
    ScsiSession(ScsiDevice device, Targets targets) {
        this.device = device;
        this.targets = targets;
    }

    /** All that is known of the front end beside its rings; while nothing is in flight. Not on a reactor. */
    InitiatorState state() {
        Map<Long, Nexus> now;
        EventQueue from;
        int port;
        synchronized (this) {
            now = Map.copyOf(nexuses);
            from = events;
            port = sends ? index : -1;
        }
        List<NexusState> each = new ArrayList<>();
        now.forEach((address, nexus) -> each.add(new NexusState(
                VirtioLun.target(address),
                VirtioLun.lun(address),
                nexus.unit().attentions(nexus).stream()
                        .map(AdditionalSense::code)
                        .toList(),
                nexus.unit().reservedBy(nexus))));
        return from == null
                ? new InitiatorState(port, each, List.of(), false)
                : from.reactor()
                        .call(() -> new InitiatorState(port, each, from.waiting(), from.missed()))
                        .join();
    }

    /**
     * Goes on with what another process knew, before a queue is opened.
     *
     * @throws IllegalArgumentException if it had a logical unit that is not here, or a unit attention that is not known
     */
    void adopt(InitiatorState state) {
        for (NexusState each : state.nexuses()) {
            Nexus nexus = nexus(VirtioLun.of(each.target(), each.lun()))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "target " + each.target() + " has no logical unit " + each.lun() + " here"));
            List<AdditionalSense> attentions =
                    each.attentions().stream().map(ScsiSession::attention).toList();
            nexus.unit().adopt(nexus, attentions, each.reserves());
        }
        synchronized (this) {
            adopted = state;
        }
        if (state.index() >= 0) {
            become(state.index());
        }
    }

    private static AdditionalSense attention(int code) {
        return AdditionalSense.of(code >>> 8, code & 0xff)
                .orElseThrow(() -> new IllegalArgumentException("unit attention " + code));
    }

    synchronized int index() {
        return index;
    }

    synchronized boolean sends() {
        return sends;
    }

    @Override
    public synchronized byte[] name() {
        return name.clone();
    }

    @Override
    public void prepareQueue(int queue) {
        if (queue >= ScsiLayout.FIRST_REQUEST_QUEUE && !sends()) {
            device.choosePort(this);
        }
    }

    /** Is the initiator port of a number from now on, until its last request queue is closed. Not on a reactor. */
    void become(int port) {
        List<Nexus> renamed;
        synchronized (this) {
            index = port;
            name = NaaName.of("initiator:" + device.name() + ":" + port);
            sends = true;
            renamed = nexuses();
        }
        renamed.forEach(nexus -> nexus.unit().renamed());
    }

    @Override
    public MemoryListener memoryListener() {
        return device.memoryListener();
    }

    @Override
    public long features() {
        return device.features();
    }

    @Override
    public int queues() {
        return device.queues();
    }

    @Override
    public void readConfig(MemorySegment target) {
        device.readConfig(target);
    }

    @Override
    public void writeConfig(long offset, MemorySegment bytes) throws ProtocolException {
        device.writeConfig(offset, bytes);
    }

    @Override
    public void addConfigListener(Runnable listener) {
        device.addConfigListener(listener);
    }

    @Override
    public void removeConfigListener(Runnable listener) {
        device.removeConfigListener(listener);
    }

    @Override
    public DeviceQueue openQueue(int queue, long features, Reactor reactor) throws IOException {
        if (queue == ScsiLayout.CONTROL_QUEUE) {
            return new ControlQueue(this, reactor);
        }
        if (queue == ScsiLayout.EVENT_QUEUE) {
            EventQueue opened = new EventQueue(this, reactor, features);
            InitiatorState before;
            synchronized (this) {
                events = opened;
                before = adopted;
                adopted = null;
            }
            if (before != null) {
                opened.adopt(before);
            }
            return opened;
        }
        RequestQueue opened = new RequestQueue(this, reactor, features);
        Map<Long, Nexus> now;
        synchronized (this) {
            queues.add(opened);
            now = Map.copyOf(nexuses);
        }
        for (Map.Entry<Long, Nexus> each : now.entrySet()) {
            try {
                use(opened, each.getKey(), each.getValue());
            } catch (IOException e) {
                if (nexus(each.getKey()).isPresent()) {
                    opened.close();
                    throw e;
                }
                // It has been taken away meanwhile.
            }
        }
        return opened;
    }

    @Override
    public CompletableFuture<Integer> abort(Nexus nexus, boolean reset) {
        int response = reset ? ScsiLayout.S_RESET : ScsiLayout.S_ABORTED;
        return onQueues(queue -> queue.aborts().abort(nexus, response));
    }

    /** Does something on each request queue, on its reactor, and adds up what comes of it. */
    CompletableFuture<Integer> onQueues(Function<RequestQueue, CompletableFuture<Integer>> work) {
        List<RequestQueue> now;
        synchronized (this) {
            now = List.copyOf(queues);
        }
        CompletableFuture<Integer> sum = CompletableFuture.completedFuture(0);
        for (RequestQueue queue : now) {
            CompletableFuture<Integer> one = new CompletableFuture<>();
            queue.reactor().execute(() -> pass(work.apply(queue), one));
            sum = sum.thenCombine(one, Integer::sum);
        }
        return sum;
    }

    private static void pass(CompletableFuture<Integer> from, CompletableFuture<Integer> to) {
        var _ = from.whenComplete((count, failure) -> {
            if (failure == null) {
                to.complete(count);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    TaskManagement taskManagement() {
        return taskManagement;
    }

    Executor control() {
        return device.control();
    }

    boolean hasTarget(int target) {
        return targets.has(target);
    }

    Target target(int target) {
        return new Inventory(() -> targets.addresses(target), () -> nexuses(target));
    }

    Target wholeDevice() {
        return new Inventory(targets::addresses, this::nexuses);
    }

    /** What a task management function answers for an address, as far as it depends on what there is. */
    int find(long address) {
        if (!VirtioLun.isTarget(address) || !hasTarget(VirtioLun.target(address))) {
            return ScsiLayout.S_BAD_TARGET;
        }
        return nexus(address).isPresent() ? ScsiLayout.S_OK : ScsiLayout.S_INCORRECT_LUN;
    }

    /** The nexus to the unit at an address. */
    synchronized Optional<Nexus> nexus(long address) {
        int lun = VirtioLun.lun(address);
        return lun < 0
                ? Optional.empty()
                : Optional.ofNullable(nexuses.get(VirtioLun.of(VirtioLun.target(address), lun)));
    }

    private synchronized List<Nexus> nexuses() {
        return List.copyOf(nexuses.values());
    }

    /** The nexuses to the units of a target. */
    synchronized List<Nexus> nexuses(int target) {
        return nexuses.entrySet().stream()
                .filter(each -> VirtioLun.target(each.getKey()) == target)
                .map(Map.Entry::getValue)
                .toList();
    }

    /** There is another unit. Not on a reactor. */
    void add(ScsiDevice.Lun lun) throws IOException {
        long address = lun.address();
        Nexus nexus = lun.unit().attach(this, lun.port());
        List<RequestQueue> now;
        synchronized (this) {
            nexuses.put(address, nexus);
            now = List.copyOf(queues);
        }
        try {
            for (RequestQueue queue : now) {
                queue.reactor()
                        .call(() -> {
                            use(queue, address, nexus);
                            return true;
                        })
                        .join();
            }
        } catch (CompletionException e) {
            throw new IOException("a queue cannot reach bdev " + lun.unit().name() + ": " + e.getCause(), e);
        }
    }

    /** A unit is gone. Requests in flight end on the way they began on. Not on a reactor. */
    void remove(long address) {
        Nexus nexus;
        List<RequestQueue> now;
        synchronized (this) {
            nexus = nexuses.remove(address);
            now = List.copyOf(queues);
        }
        for (RequestQueue queue : now) {
            queue.reactor()
                    .call(() -> {
                        queue.use(VirtioLun.target(address), VirtioLun.lun(address), null);
                        return true;
                    })
                    .join();
        }
        if (nexus != null) {
            nexus.unit().detach(nexus);
        }
    }

    /** Tells the driver of an event; if it has no event queue, it has not looked yet. */
    void post(ScsiEvent event) {
        EventQueue to;
        synchronized (this) {
            to = events;
        }
        if (to != null) {
            to.reactor().execute(() -> to.post(event));
        }
    }

    /** The front end has gone away, and no queue is open. */
    void close() {
        List<Nexus> ending;
        synchronized (this) {
            ending = nexuses();
            nexuses.clear();
        }
        ending.forEach(nexus -> nexus.unit().detach(nexus));
    }

    synchronized void queueClosed(RequestQueue queue) {
        queues.remove(queue);
        sends = !queues.isEmpty();
    }

    synchronized void queueClosed(EventQueue queue) {
        if (events == queue) {
            events = null;
        }
    }

    private static void use(RequestQueue queue, long address, Nexus nexus) throws IOException {
        BdevChannel channel = nexus.unit().openChannel(queue.reactor());
        LunWay way = new LunWay(queue, nexus, channel);
        way.join();
        queue.use(VirtioLun.target(address), VirtioLun.lun(address), way);
    }
}
