package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.scsi.ScsiLayout;
import dev.ringside.vhost.scsi.VirtioLun;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A logical unit of a vhost-user-scsi back end. What it is like is asked through a control, an event and a request queue, which
 * are stopped before those of the load start.
 */
final class ScsiDisk extends VhostDisk {
    /** Room for the data of a command that asks. */
    private static final int ROOM = 4096;
    /** How many unit attentions a new initiator may have to hear, one after the other. */
    private static final int ATTENTIONS = 8;

    /** All mode pages (SPC-5, 6.13), and where the header says that the medium is write-protected. */
    private static final int ALL_PAGES = 0x3f;

    private static final int DEVICE_SPECIFIC = 2;
    private static final int WRITE_PROTECTED = 0x80;
    private static final int MODE_BYTES = 252;

    private final DiskAddress.Scsi address;
    private final ScsiFrontend frontend;
    private final Capacity capacity;
    private final boolean readOnly;

    private ScsiDisk(DiskAddress.Scsi address, ScsiFrontend frontend, GuestRam ram, Wishes wishes, int queues)
            throws IOException {
        super(ram, wishes);
        this.address = address;
        this.frontend = frontend;
        requireQueues(queues);
        awaitReady();
        ScsiResult answer = ask(Cdb.parameters(Operation.READ_CAPACITY_16, Capacity.LONG_BYTES), Capacity.LONG_BYTES);
        int length = answer.transferred().length;
        this.capacity = Capacity.parseLong(answer.data(), length)
                .orElseThrow(() -> new IOException("READ CAPACITY (16) was answered with " + length + " bytes"));
        byte[] mode = Cdb.parameters(Operation.MODE_SENSE_6, MODE_BYTES);
        mode[2] = ALL_PAGES;
        this.readOnly = (ask(mode, MODE_BYTES).data()[DEVICE_SPECIFIC] & WRITE_PROTECTED) != 0;
        for (int queue = 0; queue <= ScsiLayout.FIRST_REQUEST_QUEUE; queue++) {
            frontend.stop(queue);
        }
    }

    static ScsiDisk connect(Path socket, DiskAddress.Scsi address, GuestRam ram, int queues, Wishes wishes)
            throws IOException {
        ScsiFrontend frontend =
                ScsiFrontend.connect(socket, ram, wishes.options(1).withScratch(ROOM));
        try {
            return new ScsiDisk(address, frontend, ram, wishes, queues);
        } catch (IOException | RuntimeException e) {
            frontend.close();
            throw e;
        }
    }

    private void requireQueues(int queues) throws IOException {
        if ((protocolFeatures() & ProtocolFeature.MQ) != 0) {
            long most = messages().getQueueNum() - ScsiLayout.FIRST_REQUEST_QUEUE;
            if (queues > most) {
                throw new IOException("the device has " + most + " request queues, " + queues + " are wanted");
            }
        }
    }

    /** Hears what the unit has to tell a new initiator. */
    private void awaitReady() throws IOException {
        byte[] cdb = Cdb.of(Operation.TEST_UNIT_READY);
        ScsiResult result = execute(cdb, 0);
        for (int i = 0; i < ATTENTIONS && result.status() != ScsiStatus.GOOD; i++) {
            result = execute(cdb, 0);
        }
        requireGood(Operation.TEST_UNIT_READY.title(), result);
    }

    private ScsiResult ask(byte[] cdb, int room) throws IOException {
        ScsiResult result = execute(cdb, room);
        requireGood(String.format("the command %02xh", cdb[0]), result);
        return result;
    }

    private ScsiResult execute(byte[] cdb, int room) throws IOException {
        try {
            return frontend.requests(0).execute(lun(), cdb, new byte[0], room);
        } catch (IllegalStateException e) {
            throw new IOException("the back end does not answer a SCSI command: " + e.getMessage(), e);
        }
    }

    private void requireGood(String what, ScsiResult result) throws IOException {
        if (result.response() == ScsiLayout.S_BAD_TARGET) {
            throw new IOException("there is no target " + address.target());
        }
        if (result.response() != ScsiLayout.S_OK || result.status() != ScsiStatus.GOOD) {
            throw new IOException("target " + address.target() + ", logical unit " + address.lun() + ": " + what
                    + " failed: " + result);
        }
    }

    private long lun() {
        return VirtioLun.of(address.target(), address.lun());
    }

    @Override
    DiskAddress address() {
        return address;
    }

    @Override
    public long bytes() {
        return capacity.numBlocks() * capacity.blockSize();
    }

    @Override
    public int blockSize() {
        return capacity.blockSize();
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public boolean discards() {
        return capacity.provisioned();
    }

    @Override
    long features() {
        return frontend.features();
    }

    @Override
    long protocolFeatures() {
        return frontend.protocolFeatures();
    }

    @Override
    VhostUserFrontend messages() {
        return frontend.messages();
    }

    @Override
    int firstQueue() {
        return ScsiLayout.FIRST_REQUEST_QUEUE;
    }

    @Override
    ChainShape shape() {
        return ChainShape.SCSI;
    }

    @Override
    VirtioRequests requests(SlotRing ring, Workload workload, int part) {
        return new ScsiRequests(ram(), ring, workload, part, lun(), blockSize());
    }

    @Override
    void disconnect() {
        frontend.close();
    }
}
