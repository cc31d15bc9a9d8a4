package dev.ringside.scsi.sense;

import java.util.Optional;

/** Additional sense codes with their qualifiers, by the names that the standard gives them (SPC-5, annex F.2). */
public enum AdditionalSense {
    NO_ADDITIONAL_SENSE_INFORMATION(0x0000),
    LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY(0x0401),
    LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED(0x0402),
    LOGICAL_UNIT_NOT_READY_MANUAL_INTERVENTION_REQUIRED(0x0403),
    LOGICAL_UNIT_NOT_READY_FORMAT_IN_PROGRESS(0x0404),
    LOGICAL_UNIT_COMMUNICATION_FAILURE(0x0800),
    WRITE_ERROR(0x0c00),
    UNRECOVERED_READ_ERROR(0x1100),
    PARAMETER_LIST_LENGTH_ERROR(0x1a00),
    MISCOMPARE_DURING_VERIFY_OPERATION(0x1d00),
    INVALID_COMMAND_OPERATION_CODE(0x2000),
    LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE(0x2100),
    INVALID_FIELD_IN_CDB(0x2400),
    LOGICAL_UNIT_NOT_SUPPORTED(0x2500),
    INVALID_FIELD_IN_PARAMETER_LIST(0x2600),
    PARAMETER_NOT_SUPPORTED(0x2601),
    PARAMETER_VALUE_INVALID(0x2602),
    INVALID_RELEASE_OF_PERSISTENT_RESERVATION(0x2604),
    WRITE_PROTECTED(0x2700),
    HARDWARE_WRITE_PROTECTED(0x2701),
    LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED(0x2702),
    SPACE_ALLOCATION_FAILED_WRITE_PROTECT(0x2707),
    NOT_READY_TO_READY_CHANGE_MEDIUM_MAY_HAVE_CHANGED(0x2800),
    POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED(0x2900),
    POWER_ON_OCCURRED(0x2901),
    SCSI_BUS_RESET_OCCURRED(0x2902),
    BUS_DEVICE_RESET_FUNCTION_OCCURRED(0x2903),
    I_T_NEXUS_LOSS_OCCURRED(0x2907),
    PARAMETERS_CHANGED(0x2a00),
    MODE_PARAMETERS_CHANGED(0x2a01),
    LOG_PARAMETERS_CHANGED(0x2a02),
    RESERVATIONS_PREEMPTED(0x2a03),
    RESERVATIONS_RELEASED(0x2a04),
    REGISTRATIONS_PREEMPTED(0x2a05),
    ASYMMETRIC_ACCESS_STATE_CHANGED(0x2a06),
    CAPACITY_DATA_HAS_CHANGED(0x2a09),
    COMMANDS_CLEARED_BY_ANOTHER_INITIATOR(0x2f00),
    SAVING_PARAMETERS_NOT_SUPPORTED(0x3900),
    MEDIUM_NOT_PRESENT(0x3a00),
    INQUIRY_DATA_HAS_CHANGED(0x3f03),
    REPORTED_LUNS_DATA_HAS_CHANGED(0x3f0e),
    INTERNAL_TARGET_FAILURE(0x4400),
    INSUFFICIENT_REGISTRATION_RESOURCES(0x5504),
    FAILURE_PREDICTION_THRESHOLD_EXCEEDED(0x5d00);

    private final int code;

    AdditionalSense(int code) {
        this.code = code;
    }

    /** The code, from 0 to 255. */
    public int asc() {
        return code >>> 8;
    }

    /** The qualifier, from 0 to 255. */
    public int ascq() {
        return code & 0xff;
    }

    /** Code and qualifier in 16 bits. */
    public int code() {
        return code;
    }

    /** What a pair of code and qualifier is called; empty if it is not one of ours. */
    public static Optional<AdditionalSense> of(int asc, int ascq) {
        for (AdditionalSense each : values()) {
            if (each.code == (asc << 8 | ascq)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The name as the standard prints it, in capitals. */
    public String title() {
        return name().replace('_', ' ');
    }
}
