package dev.ringside.testkit.nvme;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** What happens in the model of a controller, turn by turn. Owned by the model's thread, but for what says otherwise. */
final class ModelController {
    private static final int CAP = 0x00;
    private static final int VS = 0x08;
    private static final int CC = 0x14;
    private static final int CSTS = 0x1c;
    private static final int AQA = 0x24;
    private static final int ASQ = 0x28;
    private static final int ACQ = 0x30;
    private static final int READY = 1;
    private static final int FAILED = 2;
    private static final int SHUT_DOWN = 2 << 2;
    private static final int VERSION = 0x10400;
    /** CAP.TO, in units of 500 ms: the model's thread may be kept waiting. */
    private static final long TIMEOUT_UNITS = 6;

    private static final long IDLE_NS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final int DATA_TRANSFER_ERROR = 0x004;
    private static final int INVALID_NAMESPACE = 0x00b;
    private static final int CREATE_SUBMISSIONS = 0x01;
    private static final int CREATE_COMPLETIONS = 0x05;
    private static final int NAMESPACES_CHANGED = 2 | 4 << 16;
    private static final int TOO_WARM = 1 | 1 << 8 | 2 << 16;

    /** Whether memory may be reached; any thread. */
    volatile boolean busMaster;
    /** By vector; any thread. */
    volatile List<EventFd> interrupts = List.of();

    private final NvmeModelSettings settings;
    private final Arena arena;
    private final MemorySegment bar;
    private final Registers registers;
    private final ModelMemory memory;
    private final Map<Integer, ModelNamespace> namespaces = new TreeMap<>();
    private final Map<Integer, ModelQueue> queues = new TreeMap<>();
    private final ModelAdmin admin;
    private final ModelDoorbells doorbells;
    private final FaultPlan faults;
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicLong commands = new AtomicLong();
    private final AtomicLong forced = new AtomicLong();
    private final ArrayDeque<Integer> events = new ArrayDeque<>();
    private boolean gone;
    private boolean enabled;
    private boolean enableRefused;
    private long readyAtNs;

    ModelController(NvmeModelSettings settings, Arena arena, MemorySegment bar, ModelMemory memory) {
        this.settings = settings;
        this.arena = arena;
        this.bar = bar;
        this.registers = new Registers(bar);
        this.memory = memory;
        settings.namespaces().forEach(shape -> namespaces.put(shape.nsid(), new ModelNamespace(arena, shape)));
        this.doorbells = new ModelDoorbells(bar, memory, settings.strideShift());
        this.admin = new ModelAdmin(settings, arena, memory, namespaces, queues, doorbells);
        this.faults = new FaultPlan(settings.faults());
        powerOn();
    }

    /** Any thread. */
    List<String> violations() {
        return List.copyOf(violations);
    }

    /** I/O commands that came so far; any thread. */
    long commands() {
        return commands.get();
    }

    /** I/O commands with FUA that came so far; any thread. */
    long forced() {
        return forced.get();
    }

    /** Does what there is to do; whether there was something. */
    boolean turn() {
        try {
            return work();
        } catch (DmaFault e) {
            violate(e);
            return false;
        }
    }

    private boolean work() throws DmaFault {
        if (gone) {
            return false;
        }
        watchConfiguration();
        if ((registers.read32(CSTS) & (READY | FAILED)) != READY) {
            return false;
        }
        boolean worked = false;
        for (ModelQueue queue : List.copyOf(queues.values())) {
            for (int n = 0; n < 8 && !gone && queue.ready(doorbells.value(queue.id, 0)); n++) {
                fetch(queue);
                worked = true;
            }
            worked |= flush(queue);
        }
        tellEvents();
        return worked;
    }

    private void powerOn() {
        bar.fill((byte) 0);
        doorbells.clear();
        queues.clear();
        admin.clear();
        enabled = false;
        readyAtNs = 0;
        // MQES, CQR, TO, DSTRD, CSS
        long cap = settings.maxEntries() - 1L
                | 1L << 16
                | TIMEOUT_UNITS << 24
                | (long) settings.strideShift() << 32
                | 1L << 37;
        registers.write64(CAP, cap);
        registers.write32(VS, VERSION);
    }

    /** The driver waits for CSTS.RDY and may write registers as soon as it has changed. */
    private void disable() {
        queues.clear();
        admin.clear();
        events.clear();
        enabled = false;
        readyAtNs = 0;
        doorbells.clear();
        registers.write32(CSTS, 0);
    }

    private void watchConfiguration() {
        int cc = registers.read32(CC);
        boolean on = (cc & 1) != 0;
        if (on && !enabled) {
            enabled = true;
            enable(cc);
        } else if (!on && enabled) {
            disable();
        } else if (on && readyAtNs != 0 && System.nanoTime() - readyAtNs >= 0) {
            readyAtNs = 0;
            registers.write32(CSTS, READY);
        }
        if ((cc & 3 << 14) != 0) {
            registers.write32(CSTS, registers.read32(CSTS) | SHUT_DOWN);
        }
    }

    private void enable(int cc) {
        if ((cc >>> 16 & 0xff) != 0x46) {
            violations.add("entry sizes in CC: 0x" + Integer.toHexString(cc));
        }
        int aqa = registers.read32(AQA);
        queues.clear();
        ModelQueue queue = new ModelQueue(memory, 0, registers.read64(ACQ), (aqa >>> 16 & 0xfff) + 1, 0);
        queue.takeSubmissions(registers.read64(ASQ), (aqa & 0xfff) + 1);
        queues.put(0, queue);
        Fault fault = faults.atEnable();
        long delayMs = 0;
        if (fault != null) {
            switch (fault.kind()) {
                case SLOW_ENABLE -> delayMs = fault.argument();
                case NO_ENABLE -> enableRefused = true;
                default -> {
                    registers.write32(CSTS, FAILED);
                    return;
                }
            }
        }
        if (!enableRefused) {
            readyAtNs = Math.max(1, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs));
        }
    }

    private void fetch(ModelQueue queue) throws DmaFault {
        if (!busMaster) {
            throw new DmaFault("a queue is used while the device may not reach memory");
        }
        ModelCommand command = queue.fetch();
        if (queue.id != 0) {
            commands.incrementAndGet();
            forced.addAndGet(command.fua() ? 1 : 0);
        }
        Fault fault = faults.of(command);
        if (fault == null) {
            execute(command);
            return;
        }
        switch (fault.kind()) {
            case STATUS -> queue.complete(command.id(), 0, fault.argument());
            case HANG -> queue.hanging.add(command);
            case STUCK -> queue.stuck.add(command);
            case WRONG_ID -> {
                queue.complete(0xfff0, 0, 0);
                queue.complete(0xffff, 0, DATA_TRANSFER_ERROR);
                execute(command);
            }
            case TWICE -> {
                execute(command);
                queue.complete(command.id(), 0, 0);
            }
            case FAIL -> registers.write32(CSTS, READY | FAILED);
            case VANISH -> disappear();
            case EVENTS -> {
                for (int i = 0; i < fault.argument(); i++) {
                    events.add(TOO_WARM);
                }
                execute(command);
            }
            case SLOW_ENABLE, NO_ENABLE, FAILED_ENABLE -> execute(command);
        }
    }

    private void execute(ModelCommand command) {
        ModelQueue queue = command.queue();
        int status;
        try {
            if (queue.id == 0) {
                clearDoorbells(command);
                status = admin.execute(command);
            } else {
                ModelNamespace namespace = namespaces.get(command.nsid());
                long most = settings.mdts() == 0 ? Long.MAX_VALUE : 4096L << settings.mdts();
                status = namespace == null
                        ? INVALID_NAMESPACE | 1 << 14
                        : namespace.execute(memory, command, settings.sgls(), most);
            }
        } catch (DmaFault e) {
            violate(e);
            status = DATA_TRANSFER_ERROR | 1 << 14;
        }
        if (status != ModelAdmin.LATER) {
            queue.complete(command.id(), queue.id == 0 ? admin.result() : 0, status);
        }
    }

    /** A queue that is made begins at its beginning, wherever the one of its number was before. */
    private void clearDoorbells(ModelCommand command) {
        int queue = command.cdw10() & 0xffff;
        if (command.opcode() == CREATE_SUBMISSIONS) {
            doorbells.clear(queue, 0);
        } else if (command.opcode() == CREATE_COMPLETIONS) {
            doorbells.clear(queue, 1);
        }
    }

    private boolean flush(ModelQueue queue) throws DmaFault {
        if (gone || !queue.flush(doorbells.value(queue.id, 1))) {
            return false;
        }
        List<EventFd> counters = interrupts;
        if (queue.vector >= 0 && queue.vector < counters.size()) {
            counters.get(queue.vector).signal();
        }
        return true;
    }

    private void tellEvents() {
        ModelQueue queue = queues.get(0);
        while (queue != null && !events.isEmpty()) {
            int request = admin.takeEventRequest();
            if (request < 0) {
                return;
            }
            Integer event = events.poll();
            queue.complete(request, event == null ? 0 : event, 0);
        }
    }

    void resize(int nsid, long blocks) {
        namespaces.computeIfPresent(nsid, (id, before) -> before.resized(arena, before.shape.blockShift(), blocks));
        events.add(NAMESPACES_CHANGED);
    }

    void toggle(NvmeModelSettings.Namespace shape) {
        if (namespaces.remove(shape.nsid()) == null) {
            namespaces.put(shape.nsid(), new ModelNamespace(arena, shape));
        }
        events.add(NAMESPACES_CHANGED);
    }

    void spoil(int nsid, long lba) {
        ModelNamespace namespace = namespaces.get(nsid);
        if (namespace != null) {
            namespace.badBlock = lba;
        }
    }

    void resetFunction() {
        if (!gone) {
            powerOn();
            enableRefused = false;
        }
    }

    void disappear() {
        gone = true;
        bar.fill((byte) 0xff);
    }

    private void violate(DmaFault fault) {
        if (violations.size() < 100) {
            violations.add(String.valueOf(fault.getMessage()));
        }
        LockSupport.parkNanos(IDLE_NS);
    }
}
