package dev.ringside.testkit.mptsas;

import static dev.ringside.bdev.scsi.mpi.Doorbell.DIAG_DRWE;
import static dev.ringside.bdev.scsi.mpi.Doorbell.DIAG_RESET_ADAPTER;
import static dev.ringside.bdev.scsi.mpi.Doorbell.DIAG_RESET_HISTORY;
import static dev.ringside.bdev.scsi.mpi.Doorbell.DOORBELL_ACTIVE;
import static dev.ringside.bdev.scsi.mpi.Doorbell.IOC_STATE_FAULT;
import static dev.ringside.bdev.scsi.mpi.Doorbell.IOC_STATE_OPERATIONAL;
import static dev.ringside.bdev.scsi.mpi.Doorbell.IOC_STATE_READY;
import static dev.ringside.bdev.scsi.mpi.Doorbell.IOC_STATE_RESET;

import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The doorbell of a model: its state, resets, and the handshake. Guarded by the model. */
public final class ModelDoorbell {
    private enum Handshake {
        NONE,
        WRITING,
        READING
    }

    private final WriteSequence sequence;
    private final UnaryOperator<byte[]> messages;
    private final Runnable forget;
    private final MptFaultPlan faults;
    private final List<String> violations;

    private int state = IOC_STATE_RESET;
    private int faultCode;
    private long readyAtNs = System.nanoTime();
    private boolean stuck;
    private Handshake handshake = Handshake.NONE;
    private byte[] message = new byte[0];
    private byte[] reply = new byte[0];
    private int at;
    private boolean interrupt;
    private int diagnostic;
    private int keys;

    /**
     * Makes one that is about to be ready.
     *
     * @param sequence opens the diagnostic register
     * @param messages answers what comes by the handshake
     * @param forget what a reset does to the rest
     */
    public ModelDoorbell(
            WriteSequence sequence,
            UnaryOperator<byte[]> messages,
            Runnable forget,
            MptFaultPlan faults,
            List<String> violations) {
        this.sequence = sequence;
        this.messages = messages;
        this.forget = forget;
        this.faults = faults;
        this.violations = violations;
    }

    /** Whether the IOC is operational. */
    public boolean operational() {
        return state == IOC_STATE_OPERATIONAL;
    }

    /** IOC init has happened. */
    public void becomeOperational() {
        state = IOC_STATE_OPERATIONAL;
    }

    /** The IOC fails. */
    public void fail(int code) {
        state = IOC_STATE_FAULT;
        faultCode = code;
    }

    /** The register is read. */
    public int read() {
        if (state == IOC_STATE_RESET && !stuck && System.nanoTime() - readyAtNs >= 0) {
            state = IOC_STATE_READY;
        }
        int active = handshake == Handshake.NONE ? 0 : DOORBELL_ACTIVE;
        int data = state == IOC_STATE_FAULT ? faultCode : 0;
        if (handshake == Handshake.READING) {
            data = Fields.u16(MemorySegment.ofArray(reply), at);
        }
        return state | active | data;
    }

    /** Whether the IOC has written to the doorbell. */
    public boolean interrupt() {
        return interrupt;
    }

    /** The register is written. */
    public void write(int value) {
        if (handshake == Handshake.WRITING) {
            Fields.put32(MemorySegment.ofArray(message), at, value);
            at += Integer.BYTES;
            if (at == message.length) {
                reply = messages.apply(message);
                handshake = Handshake.READING;
                at = 0;
                interrupt = true;
            }
            return;
        }
        switch (value >>> Doorbell.DOORBELL_FUNCTION_SHIFT) {
            case Message.FUNCTION_IOC_MESSAGE_UNIT_RESET -> resetMessageUnit();
            case Message.FUNCTION_HANDSHAKE -> {
                int words = (value & Doorbell.DOORBELL_ADD_DWORDS_MASK) >>> Doorbell.DOORBELL_ADD_DWORDS_SHIFT;
                message = new byte[words * Integer.BYTES];
                at = 0;
                handshake = Handshake.WRITING;
                interrupt = true;
            }
            default -> violations.add(String.format("0x%08x was written to the doorbell", value));
        }
    }

    /** The driver has seen what the IOC wrote to the doorbell: there follows the next piece. */
    public void acknowledge() {
        interrupt = false;
        if (handshake == Handshake.READING) {
            at += Short.BYTES;
            interrupt = true;
            // The last interrupt says that the doorbell is not used any more.
            if (at == reply.length) {
                handshake = Handshake.NONE;
            }
        }
    }

    /** A key is written. */
    public void writeSequence(int key) {
        if (keys < sequence.length() && (key & 0xf) == sequence.key(keys)) {
            keys++;
        } else {
            keys = 0;
            diagnostic &= ~DIAG_DRWE;
        }
        if (keys == sequence.length()) {
            diagnostic |= DIAG_DRWE;
        }
    }

    /** The diagnostic register is read. */
    public int readDiagnostic() {
        return diagnostic;
    }

    /** The diagnostic register is written, which does nothing while it is closed. */
    public void writeDiagnostic(int value) {
        if ((diagnostic & DIAG_DRWE) == 0) {
            return;
        }
        diagnostic = (value & DIAG_RESET_HISTORY) | DIAG_DRWE;
        if ((value & DIAG_RESET_ADAPTER) != 0) {
            diagnostic = DIAG_RESET_HISTORY;
            keys = 0;
            MptFault fault = faults.at(MptFault.Kind.NO_RESET);
            reset(faults.at(MptFault.Kind.SLOW_READY));
            stuck = fault != null;
        }
    }

    private void resetMessageUnit() {
        if (faults.at(MptFault.Kind.NO_MESSAGE_UNIT_RESET) == null) {
            reset(faults.at(MptFault.Kind.SLOW_READY));
        }
    }

    private void reset(@Nullable MptFault slow) {
        handshake = Handshake.NONE;
        interrupt = false;
        stuck = false;
        state = IOC_STATE_RESET;
        readyAtNs = System.nanoTime() + (slow == null ? 0 : TimeUnit.MILLISECONDS.toNanos(slow.argument()));
        forget.run();
    }
}
