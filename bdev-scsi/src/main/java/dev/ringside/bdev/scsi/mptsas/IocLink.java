package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mptsas.mpi.Fields;
import dev.ringside.bdev.scsi.mptsas.mpi.Message;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.env.pci.Registers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The IOC as its doorbell shows it: its state, how it is reset, and messages in pieces of 16 and 32 bits before it has
 * queues (the handshake). Every wait ends. One thread at a time, not a reactor.
 */
final class IocLink {
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(50);
    /** Between a reset of the adapter and the first look at it. */
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int NO_KEY = 0xff;

    private final Registers registers;
    private final long readyLimitNs;
    private final long answerLimitNs;

    IocLink(Registers registers, MptsasPatience patience) {
        this.registers = registers;
        this.readyLimitNs = TimeUnit.MILLISECONDS.toNanos(patience.readyMs());
        this.answerLimitNs = TimeUnit.MILLISECONDS.toNanos(patience.answerMs());
    }

    /**
     * The doorbell: state, and the fault code if it is FAULT.
     *
     * @throws ScsiHostException GONE
     */
    int doorbell() throws ScsiHostException {
        return there(registers.read32(SystemRegisters.DOORBELL));
    }

    /**
     * Fails if the IOC has.
     *
     * @throws ScsiHostException GONE; FATAL with its code if it says so, or has been reset by somebody else
     */
    void requireOperational() throws ScsiHostException {
        int doorbell = doorbell();
        int state = doorbell & SystemRegisters.IOC_STATE_MASK;
        if (state == SystemRegisters.IOC_STATE_FAULT) {
            throw new ScsiHostException(
                    Kind.FATAL,
                    String.format(
                            "the IOC has failed, fault code 0x%04x", doorbell & SystemRegisters.DOORBELL_DATA_MASK));
        }
        if (state != SystemRegisters.IOC_STATE_OPERATIONAL) {
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
    void makeReady() throws ScsiHostException {
        int state = doorbell() & (SystemRegisters.IOC_STATE_MASK | SystemRegisters.DOORBELL_ACTIVE);
        maskInterrupts();
        try {
            if (state == SystemRegisters.IOC_STATE_RESET) {
                awaitState(SystemRegisters.IOC_STATE_READY);
                return;
            }
            if (state == SystemRegisters.IOC_STATE_OPERATIONAL || state == SystemRegisters.IOC_STATE_READY) {
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
    void resetAdapter() throws ScsiHostException {
        openDiagnostic();
        registers.write32(
                SystemRegisters.DIAGNOSTIC,
                registers.read32(SystemRegisters.DIAGNOSTIC) | SystemRegisters.DIAG_RESET_ADAPTER);
        LockSupport.parkNanos(SETTLE_NS);
        awaitState(SystemRegisters.IOC_STATE_READY);
        openDiagnostic();
        registers.write32(
                SystemRegisters.DIAGNOSTIC,
                registers.read32(SystemRegisters.DIAGNOSTIC)
                        & ~(SystemRegisters.DIAG_RESET_HISTORY | SystemRegisters.DIAG_RESET_ADAPTER));
        // Any further write closes it again.
        registers.write32(SystemRegisters.WRITE_SEQUENCE, NO_KEY);
        maskInterrupts();
    }

    /**
     * Waits until the IOC is operational, which follows IOC init.
     *
     * @throws ScsiHostException GONE, FATAL, TIMEOUT
     */
    void awaitOperational() throws ScsiHostException {
        awaitState(SystemRegisters.IOC_STATE_OPERATIONAL);
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
    void handshake(MemorySegment request, MemorySegment reply, String what, long limitMs) throws ScsiHostException {
        int words = (int) (request.byteSize() / Integer.BYTES);
        clearDoorbellInterrupt();
        registers.write32(
                SystemRegisters.DOORBELL,
                Message.FUNCTION_HANDSHAKE << SystemRegisters.DOORBELL_FUNCTION_SHIFT
                        | words << SystemRegisters.DOORBELL_ADD_DWORDS_SHIFT);
        awaitDoorbell(what);
        clearDoorbellInterrupt();
        awaitTaken(what);
        for (int i = 0; i < words; i++) {
            registers.write32(SystemRegisters.DOORBELL, Fields.i32(request, (long) i * Integer.BYTES));
            awaitTaken(what);
        }
        reply.fill((byte) 0);
        awaitStatus(SystemRegisters.HIS_DOORBELL_INTERRUPT, true, what, TimeUnit.MILLISECONDS.toNanos(limitMs));
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

    /** Lets nothing interrupt: replies are polled for. */
    private void maskInterrupts() {
        registers.write32(
                SystemRegisters.HOST_INTERRUPT_MASK, SystemRegisters.HIM_REPLY | SystemRegisters.HIM_DOORBELL);
    }

    private void resetMessageUnit() throws ScsiHostException {
        registers.write32(
                SystemRegisters.DOORBELL,
                Message.FUNCTION_IOC_MESSAGE_UNIT_RESET << SystemRegisters.DOORBELL_FUNCTION_SHIFT);
        awaitTaken("a message unit reset");
        awaitState(SystemRegisters.IOC_STATE_READY);
    }

    private void openDiagnostic() throws ScsiHostException {
        registers.write32(SystemRegisters.WRITE_SEQUENCE, NO_KEY);
        for (int i = 0; i < SystemRegisters.keys(); i++) {
            registers.write32(SystemRegisters.WRITE_SEQUENCE, SystemRegisters.key(i));
        }
        long deadline = System.nanoTime() + answerLimitNs;
        while ((there(registers.read32(SystemRegisters.DIAGNOSTIC)) & SystemRegisters.DIAG_DRWE) == 0) {
            pause(deadline, "the diagnostic register does not open");
        }
    }

    private void awaitState(int wanted) throws ScsiHostException {
        long deadline = System.nanoTime() + readyLimitNs;
        while (true) {
            int doorbell = doorbell();
            int state = doorbell & SystemRegisters.IOC_STATE_MASK;
            if (state == wanted) {
                return;
            }
            if (state == SystemRegisters.IOC_STATE_FAULT) {
                throw new ScsiHostException(
                        Kind.FATAL,
                        String.format(
                                "the IOC fails to start, fault code 0x%04x",
                                doorbell & SystemRegisters.DOORBELL_DATA_MASK));
            }
            pause(deadline, String.format("the IOC stays as it is, doorbell 0x%08x", doorbell));
        }
    }

    private int nextHalf(String what) throws ScsiHostException {
        awaitDoorbell(what);
        int half = doorbell() & SystemRegisters.DOORBELL_DATA_MASK;
        clearDoorbellInterrupt();
        return half;
    }

    private void clearDoorbellInterrupt() {
        registers.write32(SystemRegisters.HOST_INTERRUPT_STATUS, 0);
    }

    /** Until the IOC has written to the doorbell. */
    private void awaitDoorbell(String what) throws ScsiHostException {
        awaitStatus(SystemRegisters.HIS_DOORBELL_INTERRUPT, true, what, answerLimitNs);
    }

    /** Until the IOC has taken what was written to the doorbell. */
    private void awaitTaken(String what) throws ScsiHostException {
        awaitStatus(SystemRegisters.HIS_IOP_DOORBELL_STATUS, false, what, answerLimitNs);
    }

    private void awaitStatus(int bit, boolean set, String what, long limitNs) throws ScsiHostException {
        long start = System.nanoTime();
        while (((there(registers.read32(SystemRegisters.HOST_INTERRUPT_STATUS)) & bit) != 0) != set) {
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
