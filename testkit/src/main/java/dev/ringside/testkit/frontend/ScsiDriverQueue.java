package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.testkit.queue.SplitDriver;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A queue of a SCSI driver: control, event or request queue. One thread. Each request has a slot of guest memory: what the device
 * reads, what it writes, data.
 */
public final class ScsiDriverQueue implements AutoCloseable {
    private static final long DEADLINE_NS = 20_000_000_000L;
    private static final int SLOTS = 32;
    private static final int ANSWER_AT = 64;
    private static final int HEADER_AREA = 256;
    private static final int FILLER = 0xee;

    private final GuestRam ram;
    private final DriverQueue driver;
    private final int slotBytes;
    private final long headers;
    private final long data;
    private final EventFd kick;
    private final EventFd call;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final Map<Integer, Pending> pending = new HashMap<>();
    /** Numbers of requests by the ids of their chains, which the ring uses again before anybody has asked for the answer. */
    private final Map<Integer, Integer> numbers = new HashMap<>();

    private final Map<Integer, Integer> ended = new HashMap<>();

    private int next;

    private record Pending(int slot, int answerBytes, int in) {}

    ScsiDriverQueue(GuestRam ram, BlkOptions options, long features) throws LinuxException {
        this.ram = ram;
        boolean eventIdx = (features & VirtioFeature.RING_EVENT_IDX) != 0;
        this.driver = (features & VirtioFeature.RING_PACKED) != 0
                ? new PackedDriver(
                        ram, new PackedDriver.Options(options.queueSize(), eventIdx, options.startIndex(), 0))
                : new SplitDriver(ram, new SplitDriver.Options(options.queueSize(), eventIdx, options.startIndex(), 0));
        this.slotBytes = options.scratchBytes();
        this.headers = ram.allocate((long) SLOTS * HEADER_AREA, 64);
        this.data = ram.allocate((long) SLOTS * slotBytes, 4096);
        for (int i = 0; i < SLOTS; i++) {
            free.add(i);
        }
        this.kick = EventFd.create();
        this.call = EventFd.create();
    }

    /** The driver's side of the ring. */
    public DriverQueue ring() {
        return driver;
    }

    /** What tells the device of new requests. */
    public EventFd kickFd() {
        return kick;
    }

    /** What tells the driver of completed ones. */
    public EventFd callFd() {
        return call;
    }

    /** Does a command and waits for it. */
    public ScsiResult execute(long lun, byte[] cdb, byte[] out, int in) {
        return await(submit(lun, 1, cdb, out, in, Integer.MAX_VALUE));
    }

    /** Does a command whose buffers are cut into pieces of a length. */
    public ScsiResult execute(long lun, byte[] cdb, byte[] out, int in, int piece) {
        return await(submit(lun, 1, cdb, out, in, piece));
    }

    /**
     * Starts a command.
     *
     * @param id by which task management functions know it
     * @return a number for {@link #await}
     */
    public int submit(long lun, long id, byte[] cdb, byte[] out, int in, int piece) {
        byte[] header = new byte[ScsiLayout.REQUEST_BYTES];
        ByteBuffer.wrap(header).putLong(lun).putLong(id);
        System.arraycopy(cdb, 0, header, ScsiLayout.CDB, Math.min(cdb.length, ScsiLayout.CDB_BYTES));
        return send(header, out, ScsiLayout.RESPONSE_BYTES, in, piece);
    }

    /** Sends a control request and waits for the answer. */
    public byte[] control(byte[] request, int answerBytes) {
        int id = send(request, new byte[0], answerBytes, 0, Integer.MAX_VALUE);
        return answer(id, answerBytes);
    }

    /** Starts a task management function; {@link #answer} gives its response. */
    public int function(int function, long lun, long id) {
        byte[] request = new byte[ScsiLayout.TMF_BYTES];
        ByteBuffer.wrap(request)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(ScsiLayout.T_TMF)
                .putInt(function);
        ByteBuffer.wrap(request).putLong(8, lun).putLong(16, id);
        return send(request, new byte[0], 1, 0, Integer.MAX_VALUE);
    }

    /** Gives the device a buffer for an event. */
    public int offerEvent() {
        return send(new byte[0], new byte[0], ScsiLayout.EVENT_BYTES, 0, Integer.MAX_VALUE);
    }

    /** Guest-physical address of the answer of a request that nobody has waited for yet. */
    public long answerAddress(int id) {
        return headers + (long) inFlight(id).slot * HEADER_AREA + ANSWER_AT;
    }

    /** Guest-physical address of the room for what such a request reads. */
    public long dataAddress(int id) {
        return data + (long) inFlight(id).slot * slotBytes;
    }

    private Pending inFlight(int id) {
        Pending request = pending.get(id);
        if (request == null) {
            throw new IllegalStateException("there is no request " + id);
        }
        return request;
    }

    /** Whether a request has come back. */
    public boolean hasEnded(int id) {
        poll();
        return ended.containsKey(id);
    }

    /** Waits for what the device wrote into a request's answer. */
    public byte[] answer(int id, int bytes) {
        waitFor(id);
        Pending request = take(id);
        byte[] answer = ram.read(headers + (long) request.slot * HEADER_AREA + ANSWER_AT, bytes);
        free.add(request.slot);
        ended.remove(id);
        return answer;
    }

    /** Waits for a command. */
    public ScsiResult await(int id) {
        int used = waitFor(id);
        Pending request = take(id);
        byte[] raw = ram.read(headers + (long) request.slot * HEADER_AREA + ANSWER_AT, request.answerBytes);
        ByteBuffer answer = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        byte[] read = ram.read(data + (long) request.slot * slotBytes, request.in);
        free.add(request.slot);
        ended.remove(id);
        int senseBytes = Math.min(answer.getInt(0), ScsiLayout.SENSE_BYTES);
        return new ScsiResult(
                raw[11] & 0xff,
                raw[10] & 0xff,
                answer.getInt(4) & 0xffff_ffffL,
                Arrays.copyOfRange(raw, ScsiLayout.SENSE, ScsiLayout.SENSE + senseBytes),
                used,
                read);
    }

    private int send(byte[] header, byte[] out, int answerBytes, int in, int piece) {
        int slot = free.remove();
        long at = headers + (long) slot * HEADER_AREA;
        ram.write(at, header);
        ram.fill(at + ANSWER_AT, answerBytes, FILLER);
        long payload = data + (long) slot * slotBytes;
        // Both ways: what is sent stands behind the room for what is got.
        long sent = payload + (in > 0 ? (in + 4095L & -4096L) : 0);
        if (out.length > 0) {
            ram.write(sent, out);
        }
        ram.fill(payload, in, FILLER);
        pieces(at, header.length, piece, false);
        pieces(sent, out.length, piece, false);
        pieces(at + ANSWER_AT, answerBytes, piece, true);
        pieces(payload, in, piece, true);
        int id = driver.add();
        if (id < 0) {
            throw new IllegalStateException("the ring is full");
        }
        int number = next++;
        numbers.put(id, number);
        pending.put(number, new Pending(slot, answerBytes, in));
        if (driver.publish()) {
            kick.signal();
        }
        return number;
    }

    private void pieces(long at, int bytes, int piece, boolean writable) {
        for (int done = 0; done < bytes; done += Math.min(piece, bytes - done)) {
            int length = Math.min(piece, bytes - done);
            if (writable) {
                driver.writable(at + done, length);
            } else {
                driver.readable(at + done, length);
            }
        }
    }

    private void poll() {
        for (int id = driver.poll(); id >= 0; id = driver.poll()) {
            Integer number = numbers.remove(id);
            if (number == null) {
                throw new IllegalStateException("chain " + id + " has come back already");
            }
            ended.put(number, driver.usedLength());
        }
    }

    private int waitFor(int id) {
        long start = System.nanoTime();
        while (!hasEnded(id)) {
            if (System.nanoTime() - start > DEADLINE_NS) {
                throw new IllegalStateException("a request did not end within the deadline");
            }
            Thread.onSpinWait();
        }
        Integer used = ended.get(id);
        return used == null ? 0 : used;
    }

    private Pending take(int id) {
        Pending request = inFlight(id);
        pending.remove(id);
        return request;
    }

    @Override
    public void close() {
        kick.close();
        call.close();
    }
}
