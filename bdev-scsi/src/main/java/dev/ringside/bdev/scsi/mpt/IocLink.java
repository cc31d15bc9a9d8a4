package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import dev.ringside.env.pci.Registers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The IOC as its doorbell shows it: its state, how it is reset, and messages in pieces of 16 and 32 bits before it has
 * queues (the handshake). Every wait ends. One thread at a time, not a reactor.
 */
public final class IocLink {
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(50);
    /** Between a reset of the adapter and the first look at it. */
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Registers registers;
    private final WriteSequence keys;
    private final long readyLimitNs;
    private final long answerLimitNs;

    /** Does not touch the IOC yet. */
    public IocLink(Registers registers, WriteSequence keys, MptPatience patience) {
        this.registers = registers;
        this.keys = keys;
        this.readyLimitNs = TimeUnit.MILLISECONDS.toNanos(patience.readyMs());
        this.answerLimitNs = TimeUnit.MILLISECONDS.toNanos(patience.answerMs());
    }

    /**
     * The doorbell: state, and the fault code if it is FAULT.
     *
     * @throws ScsiHostException GONE
     */
    public int doorbell() throws ScsiHostException {
        return there(registers.read32(Doorbell.DOORBELL));
    }

    /**
     * Fails if the IOC has.
     *
     * @throws ScsiHostException GONE; FATAL with its code if it says so, or has been reset by somebody else
     */
    public void requireOperational() throws ScsiHostException {
        int doorbell = doorbell();
        int state = doorbell & Doorbell.IOC_STATE_MASK;
        if (state == Doorbell.IOC_STATE_FAULT) {
            throw new ScsiHostException(
                    Kind.FATAL,
                    String.format("the IOC has failed, fault code 0x%04x", doorbell & Doorbell.DOORBELL_DATA_MASK));
        }
        if (state != Doorbell.IOC_STATE_OPERATIONAL) {
            throw new ScsiHostException(
                    Kind.FATAL, String.format("the IOC is not operational: doorbell 0x%08x", doorbell));
        }
    }

    /**
     * Brings the IOC to the state READY, in which it has no requests and reaches no memory: by a message unit reset, and if
     * that does not help, or it has failed, by a reset of the adapter.
     *
     * @throws ScsiHostException GONE, TIMEOUT
     */
    public void makeReady() throws ScsiHostException {
        int state = doorbell() & (Doorbell.IOC_STATE_MASK | Doorbell.DOORBELL_ACTIVE);
        maskInterrupts();
        try {
            if (state == Doorbell.IOC_STATE_RESET) {
                awaitState(Doorbell.IOC_STATE_READY);
                return;
            }
            if (state == Doorbell.IOC_STATE_OPERATIONAL || state == Doorbell.IOC_STATE_READY) {
                resetMessageUnit();
                return;
            }
        } catch (ScsiHostException e) {
            if (e.kind() == Kind.GONE) {
                throw e;
            }
        }
        resetAdapter();
    }

    /**
     * Resets everything on the board, also what has failed.
     *
     * @throws ScsiHostException GONE, TIMEOUT
     */
    public void resetAdapter() throws ScsiHostException {
        openDiagnostic();
        registers.write32(Doorbell.DIAGNOSTIC, registers.read32(Doorbell.DIAGNOSTIC) | Doorbell.DIAG_RESET_ADAPTER);
        LockSupport.parkNanos(SETTLE_NS);
        if (keys == WriteSequence.MPI_2) {
            release();
        }
        awaitState(Doorbell.IOC_STATE_READY);
        openDiagnostic();
        registers.write32(
                Doorbell.DIAGNOSTIC,
                registers.read32(Doorbell.DIAGNOSTIC) & ~(Doorbell.DIAG_RESET_HISTORY | Doorbell.DIAG_RESET_ADAPTER));
        // Any further write closes it again.
        registers.write32(Doorbell.WRITE_SEQUENCE, WriteSequence.FLUSH);
        maskInterrupts();
    }

    /**
     * Waits until the IOC is operational, which follows IOC init.
     *
     * @throws ScsiHostException GONE, FATAL, TIMEOUT
     */
    public void awaitOperational() throws ScsiHostException {
        awaitState(Doorbell.IOC_STATE_OPERATIONAL);
    }

    /** A request to {@link #ask}: zeroes, but for its function. */
    public static MemorySegment request(int bytes, int function) {
        MemorySegment request = MemorySegment.ofArray(new byte[bytes]);
        Fields.put8(request, Message.FUNCTION, function);
        return request;
    }

    /**
     * Sends a message by the handshake, and waits for its reply, which has to be a success.
     *
     * @param replyBytes as many as are wanted of the reply
     * @param what the message is, for errors
     * @param limitMs how long the IOC may take to do what it is told
     * @throws ScsiHostException STATUS if it is no success; FATAL, TIMEOUT, GONE
     */
    public MemorySegment ask(MemorySegment request, int replyBytes, String what, long limitMs)
            throws ScsiHostException {
        MemorySegment reply = MemorySegment.ofArray(new byte[replyBytes]);
        handshake(request, reply, what, limitMs);
        int function = Fields.u8(request, Message.FUNCTION);
        if (Fields.u8(reply, Message.FUNCTION) != function) {
            throw new ScsiHostException(Kind.FATAL, what + ": the IOC answers something else");
        }
        int status = Fields.u16(reply, Message.IOC_STATUS) & IocStatus.MASK;
        if (status != IocStatus.SUCCESS) {
            throw new ScsiHostException(Kind.STATUS, String.format("%s: IOCStatus 0x%04x", what, status));
        }
        return reply;
    }

    /**
     * Sends a message word by word, and receives the answer half a word at a time.
     *
     * @param request whole words
     * @param reply filled as far as the IOC has said something, and else with zeroes
     * @param what the message is, for errors
     * @param limitMs how long the IOC may take to do what it is told
     * @throws ScsiHostException GONE, TIMEOUT
     */
    private void handshake(MemorySegment request, MemorySegment reply, String what, long limitMs)
            throws ScsiHostException {
        int words = (int) (request.byteSize() / Integer.BYTES);
        clearDoorbellInterrupt();
        registers.write32(
                Doorbell.DOORBELL,
                Message.FUNCTION_HANDSHAKE << Doorbell.DOORBELL_FUNCTION_SHIFT
                        | words << Doorbell.DOORBELL_ADD_DWORDS_SHIFT);
        awaitDoorbell(what);
        clearDoorbellInterrupt();
        awaitTaken(what);
        for (int i = 0; i < words; i++) {
            registers.write32(Doorbell.DOORBELL, Fields.i32(request, (long) i * Integer.BYTES));
            awaitTaken(what);
        }
        reply.fill((byte) 0);
        awaitStatus(Doorbell.HIS_DOORBELL_INTERRUPT, true, what, TimeUnit.MILLISECONDS.toNanos(limitMs));
        int halves = 2;
        for (int i = 0; i < halves; i++) {
            int half = nextHalf(what);
            long at = (long) i * Short.BYTES;
            if (at + Short.BYTES <= reply.byteSize()) {
                Fields.put16(reply, at, half);
            }
            if (at == Message.MSG_LENGTH) {
                // The lower byte: at most 255 words, so that this ends whatever the IOC says.
                halves = Math.max(halves, (half & 0xff) * 2);
            }
        }
        awaitDoorbell(what);
        clearDoorbellInterrupt();
    }

    /** Lets replies interrupt, until the next reset. */
    public void unmaskReplies() {
        registers.write32(Doorbell.HOST_INTERRUPT_MASK, Doorbell.HIM_RESET_IRQ | Doorbell.HIM_DOORBELL);
    }

    /** Lets nothing interrupt. */
    private void maskInterrupts() {
        registers.write32(
                Doorbell.HOST_INTERRUPT_MASK, Doorbell.HIM_RESET_IRQ | Doorbell.HIM_REPLY | Doorbell.HIM_DOORBELL);
    }

    private void resetMessageUnit() throws ScsiHostException {
        registers.write32(
                Doorbell.DOORBELL, Message.FUNCTION_IOC_MESSAGE_UNIT_RESET << Doorbell.DOORBELL_FUNCTION_SHIFT);
        awaitTaken("a message unit reset");
        awaitState(Doorbell.IOC_STATE_READY);
    }

    /** Lets an IOC start that the reset holds. */
    private void release() throws ScsiHostException {
        long deadline = System.nanoTime() + readyLimitNs;
        while ((there(registers.read32(Doorbell.DIAGNOSTIC)) & Doorbell.DIAG_RESET_ADAPTER) != 0) {
            pause(deadline, "the reset of the adapter does not end");
        }
        openDiagnostic();
        registers.write32(Doorbell.DIAGNOSTIC, registers.read32(Doorbell.DIAGNOSTIC) & ~Doorbell.DIAG_HOLD_IOC_RESET);
    }

    private void openDiagnostic() throws ScsiHostException {
        registers.write32(Doorbell.WRITE_SEQUENCE, WriteSequence.FLUSH);
        for (int i = 0; i < keys.length(); i++) {
            registers.write32(Doorbell.WRITE_SEQUENCE, keys.key(i));
        }
        long deadline = System.nanoTime() + answerLimitNs;
        while ((there(registers.read32(Doorbell.DIAGNOSTIC)) & Doorbell.DIAG_DRWE) == 0) {
            pause(deadline, "the diagnostic register does not open");
        }
    }

    private void awaitState(int wanted) throws ScsiHostException {
        long deadline = System.nanoTime() + readyLimitNs;
        while (true) {
            int doorbell = doorbell();
            int state = doorbell & Doorbell.IOC_STATE_MASK;
            if (state == wanted) {
                return;
            }
            if (state == Doorbell.IOC_STATE_FAULT) {
                throw new ScsiHostException(
                        Kind.FATAL,
                        String.format(
                                "the IOC fails to start, fault code 0x%04x", doorbell & Doorbell.DOORBELL_DATA_MASK));
            }
            pause(deadline, String.format("the IOC stays as it is, doorbell 0x%08x", doorbell));
        }
    }

    private int nextHalf(String what) throws ScsiHostException {
        awaitDoorbell(what);
        int half = doorbell() & Doorbell.DOORBELL_DATA_MASK;
        clearDoorbellInterrupt();
        return half;
    }

    private void clearDoorbellInterrupt() {
        registers.write32(Doorbell.HOST_INTERRUPT_STATUS, 0);
    }

    /** Until the IOC has written to the doorbell. */
    private void awaitDoorbell(String what) throws ScsiHostException {
        awaitStatus(Doorbell.HIS_DOORBELL_INTERRUPT, true, what, answerLimitNs);
    }

    /** Until the IOC has taken what was written to the doorbell. */
    private void awaitTaken(String what) throws ScsiHostException {
        awaitStatus(Doorbell.HIS_IOP_DOORBELL_STATUS, false, what, answerLimitNs);
    }

    private void awaitStatus(int bit, boolean set, String what, long limitNs) throws ScsiHostException {
        long start = System.nanoTime();
        while (((there(registers.read32(Doorbell.HOST_INTERRUPT_STATUS)) & bit) != 0) != set) {
            if (System.nanoTime() - start > SPIN_NS) {
                pause(start + limitNs, what + " was not answered");
            }
        }
    }

    private static void pause(long deadline, String late) throws ScsiHostException {
        if (System.nanoTime() - deadline > 0) {
            throw new ScsiHostException(Kind.TIMEOUT, late + " in time");
        }
        LockSupport.parkNanos(PAUSE_NS);
    }

    private static int there(int value) throws ScsiHostException {
        if (value == Registers.GONE) {
            throw new ScsiHostException(Kind.GONE, "the host adapter is gone: its registers read as all ones");
        }
        return value;
    }
}
