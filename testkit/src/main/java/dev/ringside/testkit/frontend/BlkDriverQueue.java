package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.testkit.queue.SplitDriver;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A block driver's queue. One thread. {@link #execute} does one request in any shape and waits for it; {@link #submit},
 * {@link #kick} and {@link #reap} keep many in flight, in a fixed set of slots, and allocate nothing.
 */
public final class BlkDriverQueue implements AutoCloseable {
    /** How long a request may take, in ns: far longer than any does. */
    public static final long DEADLINE_NS = 20_000_000_000L;

    /** The data of slots begins on such a border, as a page cache's does. */
    private static final long DATA_ALIGNMENT = 4096;

    private final GuestRam ram;
    private final DriverQueue driver;
    private final BlkOptions options;
    private final EventFd kick;
    private final EventFd call;
    private final CallWaiter waiter;
    private final boolean indirect;

    /** Headers of all slots, then their status bytes. */
    private final MemorySegment control;

    private final long controlAddress;
    private final long statusOffset;
    private final long dataAddress;
    private final int[] slotOfId;
    private final long scratch;
    private Runnable idle = Thread::yield;

    /**
     * Makes a queue in guest memory.
     *
     * @param features what was negotiated
     */
    BlkDriverQueue(GuestRam ram, BlkOptions options, long features) throws LinuxException {
        this.ram = ram;
        this.options = options;
        this.indirect = (features & VirtioFeature.RING_INDIRECT_DESC) != 0;
        boolean eventIdx = (features & VirtioFeature.RING_EVENT_IDX) != 0;
        int tables = indirect ? 128 : 0;
        this.driver = (features & VirtioFeature.RING_PACKED) != 0
                ? new PackedDriver(
                        ram, new PackedDriver.Options(options.queueSize(), eventIdx, options.startIndex(), tables))
                : new SplitDriver(
                        ram, new SplitDriver.Options(options.queueSize(), eventIdx, options.startIndex(), tables));
        this.statusOffset = (long) options.slots() * BlkLayout.HEADER_BYTES;
        long controlBytes = statusOffset + options.slots();
        this.controlAddress = ram.allocate(controlBytes, 64);
        this.control = ram.at(controlAddress, controlBytes);
        this.dataAddress = ram.allocate((long) options.slots() * options.slotBytes(), DATA_ALIGNMENT);
        this.scratch = ram.allocate(BlkLayout.HEADER_BYTES + options.scratchBytes() + 1L, 64);
        this.slotOfId = new int[options.queueSize()];
        Arrays.fill(slotOfId, -1);
        this.kick = EventFd.create();
        this.call = EventFd.create();
        this.waiter = new CallWaiter(call);
        if (!options.calls()) {
            driver.disableCalls();
        }
    }

    /** The ring; a ClassCastException if it is packed. */
    public SplitDriver driver() {
        return (SplitDriver) driver;
    }

    /** The ring; a ClassCastException if it is split. */
    public PackedDriver packed() {
        return (PackedDriver) driver;
    }

    /** What tells the device of new requests. */
    public EventFd kickFd() {
        return kick;
    }

    /** What tells the driver of completed ones. */
    public EventFd callFd() {
        return call;
    }

    /** What a waiting {@link #execute} does between looks, such as stepping the reactor that is to serve it. */
    public void whileWaiting(Runnable work) {
        idle = work;
    }

    /** Guest-physical address of a slot's data. */
    public long dataAddress(int slot) {
        return dataAddress + (long) slot * options.slotBytes();
    }

    /** Guest-physical address of a slot's header. */
    public long headerAddress(int slot) {
        return controlAddress + (long) slot * BlkLayout.HEADER_BYTES;
    }

    /** Guest-physical address of the memory that {@link #execute} uses: header, data, status. */
    public long scratchAddress() {
        return scratch;
    }

    /** A slot's status byte, unsigned. */
    public int status(int slot) {
        return Byte.toUnsignedInt(control.get(ValueLayout.JAVA_BYTE, statusOffset + slot));
    }

    /**
     * Adds a request in the plain shape; {@link #kick} shows it to the device.
     *
     * @param slot one that is not in flight
     * @param type BlkLayout.T_IN, T_OUT or T_FLUSH
     * @param bytes data, at most the slot's; 0 for none
     * @return false if the ring is full
     */
    public boolean submit(int slot, int type, long sector, int bytes) {
        return submit(slot, type, sector, bytes, false);
    }

    /** As {@link #submit(int, int, long, int)}, through an indirect table if {@code table} is set. */
    public boolean submit(int slot, int type, long sector, int bytes, boolean table) {
        long header = (long) slot * BlkLayout.HEADER_BYTES;
        control.set(ValueLayout.JAVA_LONG_UNALIGNED, header, type);
        control.set(ValueLayout.JAVA_LONG_UNALIGNED, header + BlkLayout.FIRST_SECTOR, sector);
        control.set(ValueLayout.JAVA_BYTE, statusOffset + slot, (byte) BlkResult.NO_STATUS);
        driver.readable(controlAddress + header, BlkLayout.HEADER_BYTES);
        if (bytes > 0) {
            if (type == BlkLayout.T_OUT) {
                driver.readable(dataAddress(slot), bytes);
            } else {
                driver.writable(dataAddress(slot), bytes);
            }
        }
        driver.writable(controlAddress + statusOffset + slot, 1);
        int id = table ? driver.addIndirect() : driver.add();
        if (id < 0) {
            return false;
        }
        slotOfId[id] = slot;
        return true;
    }

    /** Shows what was submitted to the device, and signals if it wants that. */
    public void kick() {
        if (driver.publish()) {
            kick.signal();
        }
    }

    /**
     * Takes a completed request back.
     *
     * @return its slot, or -1 if none has completed
     */
    public int reap() {
        int id = driver.poll();
        if (id < 0) {
            return -1;
        }
        int slot = slotOfId[id];
        slotOfId[id] = -1;
        return slot;
    }

    /**
     * Waits until a request has completed: on the call eventfd or polling, as the options say.
     *
     * @throws IllegalStateException if none does within the deadline
     */
    public void await() {
        long start = System.nanoTime();
        if (options.calls()) {
            while (!driver.enableCalls()) {
                if (!waiter.await(DEADLINE_NS - (System.nanoTime() - start))) {
                    throw stuck(driver.hasUsed() ? "a call was lost" : "no request completed");
                }
            }
            driver.disableCalls();
            return;
        }
        while (!driver.hasUsed()) {
            if (System.nanoTime() - start > DEADLINE_NS) {
                throw stuck("no request completed");
            }
            idle.run();
        }
    }

    private IllegalStateException stuck(String what) {
        return new IllegalStateException(what + " within the deadline: " + driver.inFlight() + " in flight from "
                + driver.base() + " on, kicks " + driver.kicks() + " sent and " + driver.kicksSpared() + " spared");
    }

    /** Whether indirect tables were negotiated. */
    public boolean indirect() {
        return indirect;
    }

    /** Reads, in the plain shape. */
    public BlkResult read(long sector, int bytes) {
        return execute(RequestShape.PLAIN, false, BlkLayout.T_IN, sector, new byte[0], bytes);
    }

    /** Writes, in the plain shape. */
    public BlkResult write(long sector, byte[] data) {
        return execute(RequestShape.PLAIN, false, BlkLayout.T_OUT, sector, data, 0);
    }

    /** Flushes, in the plain shape. */
    public BlkResult flush() {
        return execute(RequestShape.PLAIN, false, BlkLayout.T_FLUSH, 0, new byte[0], 0);
    }

    /** Asks for the serial number. */
    public BlkResult getId() {
        return execute(RequestShape.PLAIN, false, BlkLayout.T_GET_ID, 0, new byte[0], BlkLayout.ID_BYTES);
    }

    /**
     * Does one request and waits for it; nothing else may be in flight on the queue.
     *
     * @param table whether through an indirect table
     * @param out data for the device to read; empty for requests that have none
     * @param in bytes for the device to write; 0 if {@code out} is not empty
     * @throws IllegalStateException if it does not end within the deadline
     */
    public BlkResult execute(RequestShape shape, boolean table, int type, long sector, byte[] out, int in) {
        int bytes = Math.max(out.length, in);
        if (bytes > options.scratchBytes()) {
            throw new IllegalArgumentException(bytes + " bytes, at most " + options.scratchBytes() + " are allowed");
        }
        long data = scratch + BlkLayout.HEADER_BYTES;
        ram.putInt(scratch, type);
        ram.putInt(scratch + 4, 0);
        ram.putLong(scratch + BlkLayout.FIRST_SECTOR, sector);
        if (in > 0) {
            ram.fill(data, in, BlkResult.NO_STATUS);
        } else {
            ram.write(data, out);
        }
        ram.putByte(data + bytes, BlkResult.NO_STATUS);
        shape.describe(driver, scratch, bytes, in > 0);
        return finish(table ? driver.addIndirect() : driver.add(), data, in, data + bytes);
    }

    /** Shows a chain to the device and waits for it. */
    private BlkResult finish(int id, long data, int in, long status) {
        if (id < 0) {
            throw new IllegalStateException("the ring of " + driver.size() + " has no room for this shape");
        }
        kick();
        await();
        int done = driver.poll();
        if (done != id) {
            throw new IllegalStateException("chain " + done + " came back instead of " + id);
        }
        return new BlkResult(ram.byteAt(status), driver.usedLength(), ram.read(data, in));
    }

    /** Segments of a DISCARD, WRITE_ZEROES or SECURE_ERASE, as the data of one: sector, sectors and flags of each. */
    public static byte[] segments(long... fields) {
        Payload data = new Payload(fields.length / 3 * BlkLayout.SEGMENT_BYTES);
        for (int i = 0; i + 2 < fields.length; i += 3) {
            int at = i / 3 * BlkLayout.SEGMENT_BYTES;
            data.u64(at, fields[i]).u32(at + 8, (int) fields[i + 1]).u32(at + 12, (int) fields[i + 2]);
        }
        return data.bytes();
    }

    /** The driver's side of the ring, whatever its format. */
    public DriverQueue ring() {
        return driver;
    }

    @Override
    public void close() {
        waiter.close();
        kick.close();
        call.close();
    }
}
