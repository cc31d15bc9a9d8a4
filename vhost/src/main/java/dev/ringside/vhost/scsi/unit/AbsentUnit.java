package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What answers where a target has no logical unit (SPC-5, 6.7.1), and the REPORT LUNS well known logical unit (SPC-5, 8.2). Control
 * plane.
 */
public final class AbsentUnit {
    private AbsentUnit() {}

    /**
     * Does a command.
     *
     * @param wellKnown whether it is for the REPORT LUNS well known logical unit
     * @param operation null if the operation code is not known
     */
    public static Reply run(Target target, boolean wellKnown, @Nullable Operation operation, byte[] cdb) {
        try {
            return reply(target, wellKnown, operation, cdb);
        } catch (CheckCondition e) {
            return Reply.check(e.sense());
        }
    }

    private static Reply reply(Target target, boolean wellKnown, @Nullable Operation operation, byte[] cdb)
            throws CheckCondition {
        boolean answers = operation == Operation.INQUIRY
                || operation == Operation.REPORT_LUNS
                || operation == Operation.REQUEST_SENSE
                || (wellKnown && operation == Operation.TEST_UNIT_READY);
        if (operation == null || !answers) {
            throw new CheckCondition(Sense.illegal(
                    wellKnown
                            ? AdditionalSense.INVALID_COMMAND_OPERATION_CODE
                            : AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED));
        }
        int reserved = operation.reservedBit(cdb);
        if (reserved != FieldPointer.NONE) {
            throw new CheckCondition(Sense.invalidCdb(reserved));
        }
        return switch (operation) {
            case INQUIRY -> inquiry(wellKnown, cdb);
            case REPORT_LUNS -> ControlCommands.reportLuns(target, cdb);
            case REQUEST_SENSE ->
                Reply.of((wellKnown ? Sense.none() : Sense.illegal(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED))
                        .bytes((cdb[1] & 1) != 0));
            default -> Reply.GOOD;
        };
    }

    private static Reply inquiry(boolean wellKnown, byte[] cdb) throws CheckCondition {
        int qualifier = wellKnown ? InquiryData.CONNECTED : InquiryData.NO_UNIT;
        int type = wellKnown ? InquiryData.WELL_KNOWN : InquiryData.NO_TYPE;
        if ((cdb[1] & 1) != 0) {
            if (cdb[2] != Vpd.SUPPORTED) {
                throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
            }
            return Reply.of(Vpd.of(qualifier << 5 | type, Vpd.supported(List.of(Vpd.SUPPORTED))));
        }
        if (cdb[2] != 0) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
        }
        return Reply.of(new InquiryData(
                        qualifier,
                        type,
                        InquiryData.SPC_4_VERSION,
                        false,
                        false,
                        false,
                        true,
                        "RINGSIDE",
                        wellKnown ? "REPORT LUNS" : "",
                        "0001",
                        List.of(InquiryData.SAM_5, InquiryData.SPC_4))
                .bytes());
    }
}
