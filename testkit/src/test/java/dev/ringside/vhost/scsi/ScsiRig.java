package dev.ringside.vhost.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.unit.Naming;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A target with SCSI controllers, and guests that look at them. */
final class ScsiRig implements AutoCloseable {
    static final int BLOCK = 512;
    static final long BLOCKS = 1 << 15;
    /** Target 0, logical unit 0. */
    static final long LUN = 0x0100_4000_0000_0000L;

    private static final BlkOptions OPTIONS = BlkOptions.of(2, 128).withScratch(1 << 20);

    static final int UNIT_ATTENTION = 0x62900;
    static final int INVALID_FIELD = 0x52400;
    static final int INVALID_OPCODE = 0x52000;
    static final int OUT_OF_RANGE = 0x52100;
    static final int LENGTH_ERROR = 0x51a00;
    static final int INVALID_PARAMETER = 0x52600;

    final TargetRig rig;
    private final List<Runnable> open = new ArrayList<>();

    ScsiRig() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 2);
    }

    /** A RAM disk of a name. */
    void ram(String name) throws Exception {
        register(MallocBdev.create(new MallocOptions(name, BLOCK, BLOCKS)));
    }

    void register(Bdev bdev) throws Exception {
        rig.register(bdev);
    }

    ScsiDevice controller(String name) throws Exception {
        rig.target().createScsi(name, rig.cpus(), false);
        return rig.target().scsi(name);
    }

    void add(String controller, int target, int lun, String bdev) throws Exception {
        rig.target().scsi(controller).add(target, lun, rig.registry(), bdev, Naming.FROM_BDEV);
    }

    /** A controller of which target 0 has a disk as its unit 0, and a guest that has seen that it has been turned on. */
    Guest guestWith(Bdev disk) throws Exception {
        register(disk);
        controller("c");
        add("c", 0, 0, disk.info().name());
        return guest("c");
    }

    /** A guest that has seen that its disks have been turned on. */
    Guest guest(String controller) throws Exception {
        return guest(controller, RingFormat.SPLIT);
    }

    Guest guest(String controller, RingFormat format) throws Exception {
        return turnedOn(freshGuest(controller, format));
    }

    /** The same of a driver that does not take some features. */
    Guest guestWithout(String controller, long features) throws Exception {
        return turnedOn(freshGuest(controller, OPTIONS.without(features)));
    }

    private static Guest turnedOn(Guest guest) {
        for (int i = 0; i < 4 && guest.run(Cdb.of(Operation.TEST_UNIT_READY)).status() != ScsiStatus.GOOD; i++) {
            assertThat(i).isLessThan(3);
        }
        return guest;
    }

    Guest freshGuest(String controller, RingFormat format) throws Exception {
        return freshGuest(controller, OPTIONS.with(format));
    }

    private Guest freshGuest(String controller, BlkOptions options) throws Exception {
        GuestRam ram = GuestRam.ofMiB(192);
        open.add(ram::close);
        ScsiFrontend frontend = ScsiFrontend.connect(rig.socket(controller), ram, options);
        open.add(frontend::close);
        return new Guest(frontend);
    }

    /** A guest's driver, which talks to one logical unit unless told otherwise. */
    record Guest(ScsiFrontend frontend) {
        ScsiDriverQueue queue() {
            return frontend.requests(0);
        }

        /** A command without data. */
        ScsiResult run(byte[] cdb) {
            return queue().execute(LUN, cdb, new byte[0], 0);
        }

        /** A command that reads parameters, with room as long as its allocation length. */
        ScsiResult read(Operation operation, int length) {
            return in(Cdb.parameters(operation, length), length);
        }

        ScsiResult in(byte[] cdb, int room) {
            return queue().execute(LUN, cdb, new byte[0], room);
        }

        ScsiResult out(byte[] cdb, byte[] data) {
            return queue().execute(LUN, cdb, data, 0);
        }

        byte[] blocks(long lba, int count) {
            ScsiResult result = in(Cdb.range(Operation.READ_16, lba, count, 0), count * BLOCK);
            good(result);
            return result.data();
        }

        void write(long lba, byte[] data) {
            good(out(Cdb.range(Operation.WRITE_16, lba, data.length / BLOCK, 0), data));
        }
    }

    static ScsiResult good(ScsiResult result) {
        assertThat(result.response()).as(result.toString()).isEqualTo(ScsiLayout.S_OK);
        assertThat(result.status()).as(result.toString()).isEqualTo(ScsiStatus.GOOD);
        return result;
    }

    static ScsiResult failed(ScsiResult result, int code) {
        assertThat(result.response()).as(result.toString()).isEqualTo(ScsiLayout.S_OK);
        assertThat(result.status()).as(result.toString()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(Integer.toHexString(result.code())).isEqualTo(Integer.toHexString(code));
        return result;
    }

    static ScsiResult conflicts(ScsiResult result) {
        assertThat(result.response()).as(result.toString()).isEqualTo(ScsiLayout.S_OK);
        assertThat(result.status()).as(result.toString()).isEqualTo(ScsiStatus.RESERVATION_CONFLICT);
        return result;
    }

    /** Blocks that are filled with a byte each, counting from a first. */
    static byte[] filled(int first, int blocks) {
        byte[] data = new byte[blocks * BLOCK];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (first + i / BLOCK);
        }
        return data;
    }

    @Override
    public void close() throws IOException {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).run();
        }
        rig.close();
    }
}
