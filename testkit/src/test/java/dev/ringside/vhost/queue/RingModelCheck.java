package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Drives both sides of a queue at random, one step at a time, and compares what each sees with a model that is nothing but
 * lists: chains come out in the order in which they were published, with the buffers they were given; they come back in the
 * order in which they were completed, with the length they were given; and each side wants a signal exactly when it asked
 * for one. Knows nothing of the ring's format.
 */
final class RingModelCheck implements AutoCloseable {
    private final Random random;
    private final GuestRam ram;
    private final RandomBuffers buffers;
    private GuestMemory memory;
    private final DriverQueue driver;
    private final Virtqueue device;
    private final Remap remap;
    private final boolean indirect;
    private final boolean eventIdx;
    private final @Nullable CompletionOrder order;
    private final Sent[] sentById;
    private final List<Sent> added = new ArrayList<>();
    private final Deque<Sent> visible = new ArrayDeque<>();
    private final List<Taken> taken = new ArrayList<>();
    private final List<Done> completed = new ArrayList<>();
    private final Deque<Done> returned = new ArrayDeque<>();
    private boolean kicksWanted;
    private boolean callsWanted;
    private long takenCount;
    private long signals;

    private record Sent(int id, int descriptors, RandomBuffers.Described buffers) {}

    /** A request that the device has, or that has ended and waits for its turn. */
    private static final class Taken {
        final Chain chain;
        final Sent sent;
        int written = -1;

        Taken(Chain chain, Sent sent) {
            this.chain = chain;
            this.sent = sent;
        }
    }

    private record Done(Sent sent, int written) {}

    /** How to make the device's side. */
    interface DeviceFactory {
        Virtqueue make(GuestMemory memory, GuestRam ram, DriverQueue driver);
    }

    /** How to give the device's side another generation of the memory map. */
    interface Remap {
        void apply(Virtqueue device, GuestMemory memory, GuestRam ram, DriverQueue driver);
    }

    /** How to make the driver's side. */
    interface DriverFactory {
        DriverQueue make(GuestRam ram);
    }

    /**
     * A check of a queue that has been made in no state yet.
     *
     * @param eventIdx whether wishes for signals are for one crossing of an index, and last until then
     * @param inOrder whether chains come back in the order in which they were taken
     */
    RingModelCheck(
            long seed,
            DriverFactory drivers,
            DeviceFactory devices,
            Remap remap,
            boolean indirect,
            boolean eventIdx,
            boolean inOrder)
            throws LinuxException {
        this.order = inOrder ? new CompletionOrder() : null;
        this.eventIdx = eventIdx;
        this.random = new Random(seed);
        this.remap = remap;
        this.indirect = indirect;
        this.ram = RandomBuffers.guest();
        this.buffers = new RandomBuffers(ram, random);
        this.driver = drivers.make(ram);
        this.memory = DeviceSide.map(ram);
        this.device = devices.make(memory, ram, driver);
        this.sentById = new Sent[driver.size()];
        this.kicksWanted = true;
        this.callsWanted = true;
        driver.enableCalls();
        device.enableKicks();
    }

    /** Requests that went all the way, and signals that were wanted. */
    record Totals(long chains, long signals) {}

    Totals run(int steps) throws LinuxException {
        for (int i = 0; i < steps; i++) {
            step();
            assertThat(device.error()).isZero();
            assertThat(device.inFlight()).isEqualTo(taken.size());
            assertThat(device.unpublished()).isEqualTo(completed.size());
        }
        finish();
        return new Totals(takenCount, signals);
    }

    private void step() throws LinuxException {
        int dice = random.nextInt(100);
        if (dice < 35) {
            add();
        } else if (dice < 50) {
            publishChains();
        } else if (dice < 65) {
            drain(1 + random.nextInt(driver.size() + 1));
        } else if (dice < 80) {
            complete();
        } else if (dice < 88) {
            publishUsed();
        } else if (dice < 96) {
            reap();
        } else if (dice < 99) {
            switchSignals();
        } else {
            remap();
        }
    }

    private void add() {
        boolean table = indirect && random.nextBoolean();
        int most = random.nextInt(4) == 0 ? 12 : 3;
        int count = 1 + random.nextInt(table ? most : Math.min(most, driver.size()));
        RandomBuffers.Described described = buffers.describe(driver, count, random.nextInt(count + 1));
        int free = driver.free();
        int id = table ? driver.addIndirect() : driver.add();
        if (free < (table ? 1 : count)) {
            assertThat(id).isEqualTo(-1);
            return;
        }
        assertThat(id).isBetween(0, driver.size() - 1);
        assertThat(sentById[id]).as("an id that is free").isNull();
        Sent sent = new Sent(id, table ? count + 1 : count, described);
        sentById[id] = sent;
        added.add(sent);
    }

    private void publishChains() {
        boolean wanted = driver.publish();
        boolean expected = kicksWanted && !added.isEmpty();
        if (!added.isEmpty() || wanted) {
            assertThat(wanted).as("the device wants a kick").isEqualTo(expected);
        }
        if (wanted) {
            signals++;
            // With event indices a wish is for one crossing.
            device.disableKicks();
            kicksWanted = false;
        }
        visible.addAll(added);
        added.clear();
    }

    private void drain(int budget) {
        int before = taken.size();
        int expected = expectedOf(budget);
        int drained = device.drain(budget, chain -> {
            Sent sent = visible.removeFirst();
            assertThat(chain.head).isEqualTo(sent.id());
            buffers.requireSame(chain, sent.buffers());
            taken.add(new Taken(chain, sent));
            if (order != null) {
                order.taken(chain);
            }
            return Virtqueue.OK;
        });
        assertThat(drained).isEqualTo(expected);
        assertThat(taken).hasSize(before + expected);
        takenCount += drained;
    }

    private void drainAll() {
        while (!visible.isEmpty()) {
            if (taken.size() == Virtqueue.MAX_IN_FLIGHT) {
                complete();
            }
            drain(Integer.MAX_VALUE);
        }
    }

    private int expectedOf(int budget) {
        int most = Math.min(budget, Virtqueue.MAX_IN_FLIGHT - taken.size());
        int requests = 0;
        int descriptors = 0;
        for (Sent sent : visible) {
            if (requests == most || descriptors >= Virtqueue.DESCRIPTORS_PER_TURN) {
                break;
            }
            requests++;
            descriptors += sent.descriptors;
        }
        return requests;
    }

    private void complete() {
        if (taken.isEmpty()) {
            return;
        }
        if (order != null) {
            completeInOrder(order);
            return;
        }
        Taken done = taken.remove(random.nextInt(taken.size()));
        int written = random.nextInt(1 << 30);
        device.complete(done.chain, written);
        completed.add(new Done(done.sent, written));
    }

    private void completeInOrder(CompletionOrder turns) {
        Taken done = taken.get(random.nextInt(taken.size()));
        if (done.written >= 0) {
            return;
        }
        done.written = random.nextInt(1 << 30);
        turns.ended(device, done.chain, done.written);
        while (!taken.isEmpty() && taken.getFirst().written >= 0) {
            Taken first = taken.removeFirst();
            completed.add(new Done(first.sent, first.written));
        }
    }

    private void publishUsed() {
        boolean wanted = device.publish();
        assertThat(wanted).as("the driver wants a call").isEqualTo(callsWanted && !completed.isEmpty());
        if (wanted) {
            signals++;
            driver.disableCalls();
            callsWanted = false;
        }
        returned.addAll(completed);
        completed.clear();
    }

    private void reap() {
        for (int n = random.nextInt(driver.size() + 1); n > 0; n--) {
            Done expected = returned.pollFirst();
            int id = driver.poll();
            if (expected == null) {
                assertThat(id).isEqualTo(-1);
                return;
            }
            assertThat(id).isEqualTo(expected.sent().id());
            assertThat(driver.usedLength()).isEqualTo(expected.written());
            sentById[id] = null;
        }
    }

    /** Turns one side's wish on or off. A wish is made for what comes next, so the queue must be empty in that direction. */
    private void switchSignals() {
        if (random.nextBoolean()) {
            drainAll();
            boolean wished = kicksWanted;
            kicksWanted = random.nextBoolean();
            if (kicksWanted) {
                assertThat(device.enableKicks()).isFalse();
            } else {
                // A wish for a crossing is not taken back: a kick too many does no harm.
                kicksWanted = eventIdx && wished;
                device.disableKicks();
            }
            return;
        }
        while (!returned.isEmpty()) {
            reap();
        }
        callsWanted = random.nextBoolean();
        if (callsWanted) {
            assertThat(driver.enableCalls()).isFalse();
        } else {
            driver.disableCalls();
        }
    }

    private void remap() throws LinuxException {
        GuestMemory next = DeviceSide.map(ram);
        remap.apply(device, next, ram, driver);
        memory.release();
        memory = next;
    }

    private void finish() {
        driver.publish();
        visible.addAll(added);
        added.clear();
        drainAll();
        while (!taken.isEmpty()) {
            complete();
        }
        device.publish();
        returned.addAll(completed);
        completed.clear();
        while (!returned.isEmpty()) {
            reap();
        }
        assertThat(driver.poll()).isEqualTo(-1);
        assertThat(driver.inFlight()).isZero();
        assertThat(driver.free()).isEqualTo(driver.size());
        assertThat(device.inFlight()).isZero();
    }

    @Override
    public void close() {
        device.close();
        memory.release();
        ram.close();
        buffers.close();
    }
}
