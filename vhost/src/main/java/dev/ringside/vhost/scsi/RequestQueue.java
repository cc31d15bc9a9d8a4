package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.MemoryFault;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.scsi.unit.Nexus;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The device's part of a request queue: looks at a request's address and CDB, and hands it to {@link BlockCommands} or to {@link
 * SlowPath}. Everything on the queue's reactor.
 */
final class RequestQueue implements DeviceQueue {
    private final ScsiSession session;
    private final Reactor reactor;
    private final boolean inOut;
    private final BlockCommands blocks;
    private final SlowPath slow;
    private final SenseWriter answer = new SenseWriter();
    /** By target and logical unit. */
    private final @Nullable LunWay[][] ways = new @Nullable LunWay[ScsiLayout.TARGETS][0];

    private final List<ScsiRequest> requests = new ArrayList<>();
    private final ArrayList<LunWay> dirty = new ArrayList<>();
    private final ArrayList<LunWay> retiring = new ArrayList<>();
    private final Aborts aborts;
    private int active;
    private boolean closed;
    private @Nullable Virtqueue queue;

    RequestQueue(ScsiSession session, Reactor reactor, long features) {
        this.session = session;
        this.reactor = reactor;
        this.inOut = (features & ScsiLayout.INOUT) != 0;
        this.blocks = new BlockCommands(this);
        this.aborts = new Aborts(requests, blocks::endAborted);
        this.slow = new SlowPath(this);
    }

    ScsiSession session() {
        return session;
    }

    Reactor reactor() {
        return reactor;
    }

    BlockCommands blocks() {
        return blocks;
    }

    Aborts aborts() {
        return aborts;
    }

    @Override
    public Chain newChain() {
        ScsiRequest request = new ScsiRequest(this);
        requests.add(request);
        return request;
    }

    @Override
    public void attach(Virtqueue virtqueue) {
        queue = virtqueue;
        followTimes();
    }

    /** Requests are timed if one of the disks is; those for the others reach no histogram. */
    @Override
    public void followTimes() {
        Virtqueue from = queue;
        if (from != null) {
            from.time(anyTimed() ? this : null);
        }
    }

    private boolean anyTimed() {
        for (LunWay[] row : ways) {
            for (LunWay way : row) {
                if (way != null && way.channel.timed()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Begins requests for a logical unit on a way from now on; null: there is no such unit any more. */
    void use(int target, int lun, @Nullable LunWay way) {
        if (closed) {
            if (way != null) {
                way.close();
            }
            return;
        }
        @Nullable LunWay[] row = ways[target];
        if (lun >= row.length) {
            row = Arrays.copyOf(row, lun + 1);
            ways[target] = row;
        }
        LunWay old = row[lun];
        row[lun] = way;
        if (old != null) {
            retiring.add(old);
        }
        followTimes();
    }

    @Override
    public int handle(Chain chain) {
        ScsiRequest request = (ScsiRequest) chain;
        ScatterList readable = request.readable();
        ScatterList writable = request.writable();
        if (readable.bytes() < ScsiLayout.REQUEST_BYTES || writable.bytes() < ScsiLayout.RESPONSE_BYTES) {
            return QueueError.BAD_REQUEST.code();
        }
        try {
            readable.copyTo(request.headerSegment, 0, ScsiLayout.REQUEST_BYTES);
            begin(request, readable, writable);
        } catch (InternalError e) {
            // Guest memory has vanished, and the request with it.
            drop(request);
            throw e;
        }
        return Virtqueue.OK;
    }

    private void begin(ScsiRequest request, ScatterList readable, ScatterList writable) {
        readable.dropFront(ScsiLayout.REQUEST_BYTES);
        request.response.slice(writable, 0, ScsiLayout.RESPONSE_BYTES);
        writable.dropFront(ScsiLayout.RESPONSE_BYTES);
        request.address = BigEndian.u64(request.header, 0);
        request.id = BigEndian.u64(request.header, ScsiLayout.ID);
        System.arraycopy(request.header, ScsiLayout.CDB, request.cdb, 0, ScsiLayout.CDB_BYTES);
        request.outBytes = readable.bytes();
        request.inBytes = writable.bytes();
        request.outUsed = 0;
        request.inUsed = 0;
        request.aborted = 0;
        request.aborting = false;
        request.inDisk = request.io;
        request.operation = Operation.of(request.cdb);
        request.serial++;
        request.active = true;
        active++;
        LunWay way = find(request.address);
        request.way = way;
        if (!inOut && request.outBytes > 0 && request.inBytes > 0) {
            respond(request, ScsiLayout.S_FAILURE);
        } else if (way == null) {
            slow.runWithoutUnit(request);
        } else {
            way.users++;
            start(request, way);
        }
    }

    private void drop(ScsiRequest request) {
        if (request.active) {
            request.active = false;
            active--;
            LunWay way = request.way;
            if (way != null) {
                way.users--;
                request.way = null;
            }
        }
    }

    @Override
    public void flush() {
        blocks.goOn();
        for (int i = dirty.size() - 1; i >= 0; i--) {
            LunWay way = dirty.get(i);
            way.channel.flush();
            if (!way.channel.congested()) {
                way.dirty = false;
                dirty.set(i, dirty.get(dirty.size() - 1));
                dirty.remove(dirty.size() - 1);
            }
        }
        if (!retiring.isEmpty()) {
            closeRetired();
        }
        aborts.check();
    }

    @Override
    public int outstanding() {
        return active;
    }

    @Override
    public boolean canSleep() {
        return dirty.isEmpty() && blocks.isIdle() && retiring.isEmpty() && aborts.isEmpty();
    }

    @Override
    public void close() {
        closed = true;
        for (int target = 0; target < ways.length; target++) {
            for (LunWay way : ways[target]) {
                if (way != null) {
                    retiring.add(way);
                }
            }
            ways[target] = new @Nullable LunWay[0];
        }
        closeRetired();
        aborts.close();
        session.queueClosed(this);
    }

    /** Submits a request to a unit's disk. */
    void submit(LunWay way, BdevIo io) {
        way.channel.submit(io);
        if (!way.dirty) {
            way.dirty = true;
            dirty.add(way);
        }
    }

    /** Submits a request's write to its disk, or has it wait for a COMPARE AND WRITE. */
    void submitWrite(ScsiRequest request) {
        LunWay way = request.lun();
        request.epoch = way.fence.begin(request, request.io.lba(), request.io.blocks());
        if (request.epoch >= 0) {
            submit(way, request.io);
        }
    }

    /** Has the control plane do a command. */
    void control(ScsiRequest request, Operation operation) {
        slow.run(request, operation);
    }

    /** Ends a request with a status and no sense data. */
    void end(ScsiRequest request, int status) {
        answer.status(status);
        respond(request, ScsiLayout.S_OK);
    }

    /** Ends a request with CHECK CONDITION. */
    void check(ScsiRequest request, SenseKey key, AdditionalSense additional, int fieldPointer) {
        answer.check(descriptors(request), key, additional, fieldPointer);
        respond(request, ScsiLayout.S_OK);
    }

    /** Ends a request of which a field of the CDB is wrong. */
    void invalidField(ScsiRequest request, int fieldPointer) {
        check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB, fieldPointer);
    }

    /** Ends a request that the block layer has failed. */
    void failed(ScsiRequest request, boolean read, int ioStatus) {
        Virtqueue from = queue;
        if (ioStatus == -Errno.EFAULT && from != null) {
            from.fail(QueueError.MEMORY_GONE.code());
        }
        request.inUsed = 0;
        answer.failed(descriptors(request), read, ioStatus);
        respond(request, ScsiLayout.S_OK);
    }

    /**
     * Ends a request with data.
     *
     * @param room the allocation length, which cuts it
     */
    void reply(ScsiRequest request, byte[] data, long room) {
        long bytes = Math.min(room, data.length);
        request.inUsed = Math.min(bytes, request.inBytes);
        try {
            request.writable().copyFrom(MemorySegment.ofArray(data), 0, request.inUsed);
        } catch (InternalError e) {
            failed(request, true, -Errno.EFAULT);
            return;
        }
        answer.status(ScsiStatus.GOOD);
        respond(request, bytes > request.inBytes ? ScsiLayout.S_OVERRUN : ScsiLayout.S_OK);
    }

    /** What the next response says. */
    SenseWriter answer() {
        return answer;
    }

    /** Whether sense data is wanted in the descriptor format. */
    static boolean descriptors(ScsiRequest request) {
        LunWay way = request.way;
        return way != null && (way.nexus.state() & Nexus.DESCRIPTOR_SENSE) != 0;
    }

    /** Ends a request. */
    void respond(ScsiRequest request, int response) {
        Virtqueue to = queue;
        if (to == null) {
            throw new IllegalStateException("a request ended before the queue was attached");
        }
        drop(request);
        long residual = request.outBytes - request.outUsed + request.inBytes - request.inUsed;
        try {
            answer.write(request.response, request.aborted != 0 ? request.aborted : response, residual);
            to.complete(request, ScsiLayout.RESPONSE_BYTES + request.inUsed);
            MemoryFault.settle();
        } catch (InternalError e) {
            to.fail(QueueError.MEMORY_GONE.code());
            to.abandon(request);
        }
    }

    /** What is told first if a command fails for more than one reason: SAM-5, 5.3.3. */
    private void start(ScsiRequest request, LunWay way) {
        int state = way.nexus.state();
        Operation operation = request.operation;
        boolean always = operation == Operation.INQUIRY
                || operation == Operation.REPORT_LUNS
                || operation == Operation.REQUEST_SENSE;
        if ((state & Nexus.ATTENTION) != 0
                && !always
                && ((state & Nexus.RESET_ATTENTION) != 0 || !conflicts(way, operation))) {
            slow.attention(request);
            return;
        }
        startPlain(request, way);
    }

    /** Goes on with a request for which there was no attention to tell after all, unless it has been aborted meanwhile. */
    void resume(ScsiRequest request) {
        if (request.isAborted()) {
            end(request, ScsiStatus.GOOD);
            return;
        }
        try {
            startPlain(request, request.lun());
        } catch (InternalError e) {
            if (request.active) {
                failed(request, false, -Errno.EFAULT);
            }
        }
    }

    private void startPlain(ScsiRequest request, LunWay way) {
        Operation operation = request.operation;
        if (operation == null || !way.operations.contains(operation)) {
            boolean action = Operation.hasActions(request.cdb[0] & 0xff);
            check(
                    request,
                    SenseKey.ILLEGAL_REQUEST,
                    action ? AdditionalSense.INVALID_FIELD_IN_CDB : AdditionalSense.INVALID_COMMAND_OPERATION_CODE,
                    action ? FieldPointer.inCdb(1, 4) : FieldPointer.NONE);
            return;
        }
        int reserved = operation.reservedBit(request.cdb);
        if (way.nexus.conflicts(operation)) {
            end(request, ScsiStatus.RESERVATION_CONFLICT);
        } else if (reserved != FieldPointer.NONE) {
            invalidField(request, reserved);
        } else if (!blocks.start(request, way, operation)) {
            control(request, operation);
        }
    }

    private static boolean conflicts(LunWay way, @Nullable Operation operation) {
        return operation != null && way.operations.contains(operation) && way.nexus.conflicts(operation);
    }

    private @Nullable LunWay find(long address) {
        if (!VirtioLun.isTarget(address)) {
            return null;
        }
        @Nullable LunWay[] row = ways[VirtioLun.target(address)];
        int lun = VirtioLun.lun(address);
        return lun >= 0 && lun < row.length ? row[lun] : null;
    }

    private void closeRetired() {
        for (int i = retiring.size() - 1; i >= 0; i--) {
            LunWay way = retiring.get(i);
            if (way.users == 0 && way.channel.outstanding() == 0) {
                retiring.remove(i);
                dirty.remove(way);
                way.close();
            } else {
                way.channel.flush();
            }
        }
    }
}
