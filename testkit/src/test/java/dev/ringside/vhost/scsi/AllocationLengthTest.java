package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.log.LogPages;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command that returns parameters, with every allocation length (SPC-5, 4.2.5.6): what is cut off is only missing. */
class AllocationLengthTest {
    private static final int ROOM = 1024;

    private ScsiRig rig;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        rig.controller("c");
        rig.add("c", 0, 0, "ram");
        guest = rig.guest("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyLengthTruncates(Operation operation) {
        for (byte[] base : variants(operation)) {
            byte[] whole = good(guest.in(withLength(operation, base, Math.min(ROOM, most(operation))), ROOM))
                    .transferred();
            assertThat(whole).isNotEmpty();
            for (int length = 0; length <= Math.min(whole.length + 1, most(operation)); length++) {
                ScsiResult cut = good(guest.in(withLength(operation, base, length), ROOM));
                byte[] expected = Arrays.copyOf(whole, Math.min(length, whole.length));
                assertThat(cut.transferred())
                        .as("%s, %d of %d bytes", operation.title(), length, whole.length)
                        .isEqualTo(expected);
                assertThat(cut.used()).isEqualTo(ScsiLayout.RESPONSE_BYTES + expected.length);
            }
        }
    }

    static Stream<Operation> operations() {
        return Arrays.stream(Operation.values())
                .filter(each -> Cdb.lengthAt(each) != 0)
                .filter(each -> each != Operation.UNMAP
                        && each != Operation.MODE_SELECT_6
                        && each != Operation.MODE_SELECT_10
                        && each.code() != Operation.PERSISTENT_RESERVE_OUT_CLEAR.code());
    }

    private static byte[] withLength(Operation operation, byte[] base, int length) {
        byte[] cdb = Cdb.parameters(operation, length);
        for (int i = 1; i < Cdb.lengthAt(operation); i++) {
            cdb[i] |= base[i];
        }
        return cdb;
    }

    private static int most(Operation operation) {
        return Cdb.lengthAt(operation) == 4 ? 255 : 0xffff;
    }

    /** The command with whatever changes what it returns. */
    private static List<byte[]> variants(Operation operation) {
        return switch (operation) {
            case INQUIRY -> {
                List<byte[]> all = new ArrayList<>(List.of(with(operation, 1, 0)));
                Vpd.DISK_PAGES.forEach(page -> all.add(with(operation, 1, 1, page)));
                yield all;
            }
            case MODE_SENSE_6, MODE_SENSE_10 ->
                Stream.concat(ModeParameters.PAGES.stream(), Stream.of(ModeParameters.ALL_PAGES))
                        .map(page -> with(operation, 2, page))
                        .toList();
            case LOG_SENSE ->
                LogPages.PAGES.stream()
                        .map(page -> with(operation, 2, 0x40 | page))
                        .toList();
            case REQUEST_SENSE, REPORT_TARGET_PORT_GROUPS ->
                List.of(with(operation, 1, 0), with(operation, 1, operation == Operation.REQUEST_SENSE ? 1 : 0x20));
            case REPORT_LUNS -> List.of(with(operation, 2, 0), with(operation, 2, 1), with(operation, 2, 2));
            case REPORT_SUPPORTED_OPERATION_CODES ->
                List.of(with(operation, 2, 0), with(operation, 2, 1, 0x28), with(operation, 2, 0x81, 0x28));
            case REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS -> List.of(with(operation, 2, 0), with(operation, 2, 0x80));
            default -> List.of(Cdb.of(operation));
        };
    }

    private static byte[] with(Operation operation, int at, int... bytes) {
        byte[] cdb = Cdb.of(operation);
        for (int i = 0; i < bytes.length; i++) {
            cdb[at + i] |= (byte) bytes[i];
        }
        return cdb;
    }
}
