package dev.ringside.daemon.cli;

import static dev.ringside.daemon.cli.DaemonProcesses.ready;
import static dev.ringside.daemon.cli.DaemonProcesses.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Daemons as processes of their own that take SCSI controllers over, with what their guests have made of the disk. */
class ScsiTakeoverProcessTest {
    private static final long LUN = 0x0100_4000_0000_0000L;
    private static final int POWER_ON = 0x62900;
    private static final int RESERVATIONS_PREEMPTED = 0x62a03;

    private final List<AutoCloseable> open = new ArrayList<>();
    private DaemonProcesses daemons;

    @BeforeEach
    void start() throws Exception {
        daemons = new DaemonProcesses();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        daemons.killAndClear();
    }

    @Test
    void guestsFenceEachOtherAsBefore() throws Exception {
        Path dir = daemons.dir();
        Process old = daemons.serve(
                null, List.of("-r", daemons.rpc(), "-S", dir.toString(), "-m", "[" + RunningDaemon.core() + "]"));
        ready(old);
        call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8192, 'block_size': 512}");
        call("vhost_create_scsi_controller", "{'ctrlr': 'gone'}");
        call("vhost_scsi_controller_add_target", "{'ctrlr': 'gone', 'scsi_target_num': 0, 'bdev_name': 'ram'}");
        for (String name : List.of("one", "two")) {
            call("vhost_create_scsi_controller", "{'ctrlr': '" + name + "'}");
            call(
                    "vhost_scsi_controller_add_target",
                    "{'ctrlr': '" + name + "', 'scsi_target_num': 0, 'bdev_name': 'ram'}");
        }
        // The ports of the others keep their numbers.
        call("vhost_delete_controller", "{'ctrlr': 'gone'}");
        ScsiDriverQueue first = connect("one", RingFormat.SPLIT);
        ScsiDriverQueue second = connect("two", RingFormat.PACKED);
        check(run(first, Operation.TEST_UNIT_READY), POWER_ON);
        check(run(second, Operation.TEST_UNIT_READY), POWER_ON);
        good(reserve(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, 1));
        good(reserve(second, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, 2));
        good(reserve(first, Operation.PERSISTENT_RESERVE_OUT_CLEAR, 0, 1, 0));
        good(reserve(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, -3));
        int type = ReservationType.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY.code();
        good(reserve(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, type, -3, 0));
        byte[] status = read(first, Operation.PERSISTENT_RESERVE_IN_READ_FULL_STATUS);
        byte[] data = new byte[512];
        data[17] = 17;
        good(first.execute(LUN, Cdb.range(Operation.WRITE_10, 8, 1, 0), data, 0));

        Process next = daemons.serve(null, List.of("--takeover", daemons.rpc()));
        assertThat(ready(next)).contains(" vhost=" + dir);
        assertThat(status(old)).isZero();
        assertThat(read(first, Operation.PERSISTENT_RESERVE_IN_READ_FULL_STATUS))
                .isEqualTo(status);
        check(run(second, Operation.TEST_UNIT_READY), RESERVATIONS_PREEMPTED);
        assertThat(second.execute(LUN, Cdb.range(Operation.READ_10, 8, 1, 0), new byte[0], 512)
                        .status())
                .isEqualTo(ScsiStatus.RESERVATION_CONFLICT);
        assertThat(good(first.execute(LUN, Cdb.range(Operation.READ_10, 8, 1, 0), new byte[0], 512))
                        .data())
                .isEqualTo(data);
    }

    private void call(String method, String params) throws Exception {
        try (RpcClient client = RpcClient.connect(Path.of(daemons.rpc()))) {
            client.call(method, RunningDaemon.json(params));
        }
    }

    private ScsiDriverQueue connect(String controller, RingFormat format) throws Exception {
        GuestRam ram = GuestRam.ofMiB(16);
        open.add(ram);
        BlkOptions options = BlkOptions.of(1, 64).with(format).withScratch(65_536);
        ScsiFrontend frontend = ScsiFrontend.connect(daemons.dir().resolve(controller), ram, options);
        open.add(frontend);
        return frontend.requests(0);
    }

    private static ScsiResult run(ScsiDriverQueue queue, Operation operation) {
        return queue.execute(LUN, Cdb.of(operation), new byte[0], 0);
    }

    private static byte[] read(ScsiDriverQueue queue, Operation operation) {
        return good(queue.execute(LUN, Cdb.parameters(operation, 200), new byte[0], 200))
                .transferred();
    }

    private static ScsiResult reserve(ScsiDriverQueue queue, Operation operation, int type, long key, long actionKey) {
        byte[] list = ReserveOutList.bytes(key, actionKey, false, false);
        byte[] cdb = Cdb.parameters(operation, list.length);
        cdb[2] = (byte) type;
        return queue.execute(LUN, cdb, list, 0);
    }

    private static ScsiResult good(ScsiResult result) {
        assertThat(result.response()).as(result.toString()).isEqualTo(ScsiLayout.S_OK);
        assertThat(result.status()).as(result.toString()).isEqualTo(ScsiStatus.GOOD);
        return result;
    }

    private static void check(ScsiResult result, int code) {
        assertThat(result.status()).as(result.toString()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(Integer.toHexString(result.code())).isEqualTo(Integer.toHexString(code));
    }
}
