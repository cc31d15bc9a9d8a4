package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.nvme.NvmeException;
import dev.ringside.bdev.nvme.NvmeException.Kind;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.bdev.nvme.spec.Opcode;
import dev.ringside.bdev.nvme.spec.StatusCode;
import dev.ringside.bdev.nvme.spec.SubmissionEntry;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.Registers;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The admin queue: one command at a time, whose end is waited for, and some requests for asynchronous events. Owned by the
 * controller's thread.
 */
public final class AdminQueue {
    /** Entries of both queues. */
    public static final int ENTRIES = 32;

    /** Identifiers below this are of commands, those from it on of requests for events. */
    private static final int FIRST_EVENT = 16;

    private static final int MOST_EVENTS = 4;
    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Registers registers;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final long timeoutMs;
    private final ArrayDeque<Integer> events = new ArrayDeque<>();

    private int nextId;
    private int awaited = -1;
    private int result;
    private int status;
    private int requested;
    /** Bits of the identifiers of requests for events that are with the controller. */
    private int eventIds;

    private int allowed;
    private long strays;

    /**
     * Takes the memory for it.
     *
     * @param doorbells of the controller, without shadows
     * @param timeoutMs of a command
     * @throws LinuxException ENOMEM
     */
    public AdminQueue(Registers registers, Doorbells doorbells, DmaPool pool, DmaOwner owner, long timeoutMs)
            throws LinuxException {
        this.registers = registers;
        this.timeoutMs = timeoutMs;
        this.submissions =
                new SubmissionQueue(doorbells.submission(0), pool.allocate(DmaPool.SMALLEST, owner), ENTRIES);
        this.completions =
                new CompletionQueue(doorbells.completion(0), pool.allocate(DmaPool.SMALLEST, owner), ENTRIES);
    }

    /** Where the controller finds the submission queue. */
    public long submissionIova() {
        return submissions.iova();
    }

    /** Where the controller finds the completion queue. */
    public long completionIova() {
        return completions.iova();
    }

    /** Begins anew, as the controller does after a reset: no command and no request for events is in flight. */
    public void clear() {
        submissions.clear();
        completions.clear();
        awaited = -1;
        requested = 0;
        eventIds = 0;
        allowed = 0;
        events.clear();
    }

    /**
     * Executes a command.
     *
     * @return DW0 of its completion
     * @throws NvmeException if it fails, does not end in time, or the controller has failed or is gone
     */
    public int execute(AdminCommand command) throws NvmeException {
        return execute(command, timeoutMs);
    }

    /**
     * Executes a command that takes its time.
     *
     * @param limitMs for it
     * @return DW0 of its completion
     * @throws NvmeException if it fails, does not end in time, or the controller has failed or is gone
     */
    public int execute(AdminCommand command, long limitMs) throws NvmeException {
        int id = nextId;
        nextId = (nextId + 1) % FIRST_EVENT;
        awaited = id;
        submissions.put(
                command.opcode() | id << SubmissionEntry.CID_SHIFT,
                command.nsid(),
                command.data(),
                command.data2(),
                command.cdw10(),
                command.cdw11(),
                0);
        submissions.ring();
        await(command, limitMs);
        if (status != StatusCode.SUCCESS) {
            throw NvmeException.ofStatus(command.name(), status);
        }
        return result;
    }

    /**
     * Asks the controller to tell of events, as often as it allows.
     *
     * @param most requests at once, at least 1
     */
    public void askForEvents(int most) {
        allowed = Math.min(most, MOST_EVENTS);
        ask();
    }

    /**
     * Looks for events that the controller told of.
     *
     * @return DW0 of one; -1 if there is none
     */
    public int takeEvent() {
        reap();
        Integer event = events.poll();
        return event == null ? -1 : event;
    }

    /** Lets the controller tell of the next events; those that came are handled. */
    public void ask() {
        while (requested < allowed) {
            submissions.put(Opcode.ASYNC_EVENT_REQUEST | freeEventId() << SubmissionEntry.CID_SHIFT, 0, 0, 0, 0, 0, 0);
        }
        submissions.ring();
    }

    /** Completions that belonged to no command. */
    public long strays() {
        return strays;
    }

    /**
     * Looks whether the controller is well.
     *
     * @throws NvmeException if it has failed, or is gone
     */
    public void check() throws NvmeException {
        int csts = registers.read32(ControllerRegisters.CSTS);
        if (csts == Registers.GONE) {
            throw new NvmeException(Kind.GONE, "the controller is gone: its registers read as all ones");
        }
        if ((csts & ControllerRegisters.CSTS_CFS) != 0) {
            throw new NvmeException(Kind.FATAL, "the controller says that it has failed (CSTS.CFS)");
        }
    }

    private int freeEventId() {
        int free = Integer.numberOfTrailingZeros(~eventIds);
        eventIds |= 1 << free;
        requested++;
        return FIRST_EVENT + free;
    }

    private void await(AdminCommand command, long limitMs) throws NvmeException {
        long start = System.nanoTime();
        long deadline = start + TimeUnit.MILLISECONDS.toNanos(limitMs);
        while (true) {
            reap();
            if (awaited < 0) {
                return;
            }
            long now = System.nanoTime();
            if (now - deadline > 0) {
                awaited = -1;
                check();
                throw new NvmeException(Kind.TIMEOUT, command.name() + " was not answered in " + limitMs + " ms");
            }
            if (now - start < SPIN_NS) {
                Thread.onSpinWait();
            } else {
                check();
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private void reap() {
        boolean any = false;
        for (int n = 0; n < ENTRIES && completions.ready(); n++) {
            int id = completions.commandId();
            int event = id - FIRST_EVENT;
            if (id == awaited) {
                awaited = -1;
                result = completions.dw0();
                status = completions.status();
            } else if (event >= 0 && event < MOST_EVENTS && (eventIds & 1 << event) != 0) {
                eventIds &= ~(1 << event);
                requested--;
                tookEvent(completions.status(), completions.dw0());
            } else {
                strays++;
            }
            completions.advance();
            any = true;
        }
        if (any) {
            completions.ring();
        }
    }

    private void tookEvent(int how, int dw0) {
        if (how == StatusCode.SUCCESS) {
            events.add(dw0 & Integer.MAX_VALUE);
        } else {
            // It allows fewer than it said.
            allowed = requested;
        }
    }
}
