package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Something that goes wrong: it hits commands of some operations to any disk, from one of them on, so many times.
 *
 * @param operations empty: all of them
 * @param skip how many of those are spared first
 * @param count how many are hit then
 */
public record SimFault(Effect effect, Set<Operation> operations, int skip, int count) {

    /** What goes wrong. */
    public sealed interface Effect {}

    /** The command ends with CHECK CONDITION and does nothing. */
    public record SenseData(SenseKey key, int code) implements Effect {
        /** With a code of ours. */
        public SenseData(SenseKey key, AdditionalSense additional) {
            this(key, additional.code());
        }
    }

    /** As {@link SenseData}, but what it tells is of an earlier command, and no data is said to be missing. */
    public record Deferred(SenseKey key, AdditionalSense additional) implements Effect {}

    /** The command ends with an SCSI status other than CHECK CONDITION and does nothing. */
    public record Status(int scsiStatus) implements Effect {}

    /** The command ends with a host status and does nothing. */
    public record Way(int hostStatus) implements Effect {}

    /** The command is carried out in part only, and says so. */
    public record CutShort(int missingBytes) implements Effect {}

    /**
     * The command never ends by itself.
     *
     * @param cure the weakest thing that ends it
     */
    public record Lost(Cure cure) implements Effect {}

    /** The target is pulled out. */
    public record PulledOut() implements Effect {}

    /** The adapter says that it has failed. */
    public record AdapterFails() implements Effect {}

    /** What ends a command that was lost. */
    public enum Cure {
        ABORT,
        LUN_RESET,
        TARGET_RESET,
        CONTROLLER_RESET,
        /** As the last, but task management functions are not answered either. */
        CONTROLLER_RESET_ONLY
    }

    /** The operations that requests are made of. */
    public static final Set<Operation> IO = EnumSet.of(
            Operation.READ_10,
            Operation.READ_16,
            Operation.WRITE_10,
            Operation.WRITE_16,
            Operation.SYNCHRONIZE_CACHE_10,
            Operation.UNMAP,
            Operation.WRITE_SAME_16);

    /** A fault of requests. */
    public static SimFault ofIo(Effect effect, int skip, int count) {
        return new SimFault(effect, IO, skip, count);
    }

    /** Faults at random, of the kinds that the mid-layer has to overcome without its users seeing them. */
    public static List<SimFault> random(long seed, int count, int commands) {
        Random random = new Random(seed);
        List<Effect> effects = List.of(
                new SenseData(SenseKey.UNIT_ATTENTION, AdditionalSense.POWER_ON_OCCURRED),
                new SenseData(SenseKey.UNIT_ATTENTION, AdditionalSense.MODE_PARAMETERS_CHANGED),
                new SenseData(SenseKey.ABORTED_COMMAND, AdditionalSense.INTERNAL_TARGET_FAILURE),
                new SenseData(SenseKey.NOT_READY, AdditionalSense.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY),
                new SenseData(SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE),
                new Deferred(SenseKey.RECOVERED_ERROR, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION),
                new Deferred(SenseKey.MEDIUM_ERROR, AdditionalSense.WRITE_ERROR),
                new Status(ScsiStatus.BUSY),
                new Status(ScsiStatus.TASK_SET_FULL),
                new Way(HostStatus.TRANSPORT_ERROR),
                new Way(HostStatus.BUSY),
                new CutShort(512),
                new Lost(Cure.ABORT),
                new Lost(Cure.LUN_RESET),
                new Lost(Cure.TARGET_RESET),
                new Lost(Cure.CONTROLLER_RESET),
                new AdapterFails());
        List<SimFault> faults = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            faults.add(ofIo(effects.get(random.nextInt(effects.size())), random.nextInt(commands), 1));
        }
        return faults;
    }
}
