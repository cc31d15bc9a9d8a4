package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A queue and its successors, each killed at some store into the region of requests in flight, and a driver that notices
 * nothing: each request that it adds has a number, which the device finds in its first buffer and reports as the length that
 * it wrote. The model is the set of numbers that are out.
 */
final class InflightRun {
    private static final int MAX_CRASHES = 4;
    private static final int NUMBERS = 4096;
    private static final ValueLayout.OfLong NUMBER = ValueLayout.JAVA_LONG_UNALIGNED;

    private final RingFormat format;
    private final int size;
    private final Random random;
    private final GuestRam ram;
    private final GuestMemory guest;
    private final MemorySegment region;
    private final long[] numberOfId;
    private final BitSet returned = new BitSet();
    private final List<Chain> taken = new ArrayList<>();
    private final List<Long> numberOfTaken = new ArrayList<>();
    private DriverQueue driver;
    private long numbers;
    private CrashingMemory memory;
    private @Nullable Virtqueue attached;
    private int base;
    private long published;
    private long next;
    private long lastHandled;
    private int crashes;

    /**
     * A run that a seed describes, in memory that is used for one run after another.
     *
     * @param region zeroed, as nobody has used it
     * @param crashAt the store at which the first queue dies; {@link CrashingMemory#NEVER}: none dies
     */
    InflightRun(
            RingFormat format,
            int size,
            long seed,
            GuestRam ram,
            GuestMemory guest,
            MemorySegment region,
            int crashAt,
            boolean before) {
        this.format = format;
        this.size = size;
        this.random = new Random(seed);
        this.ram = ram;
        this.guest = guest;
        this.region = region;
        this.numberOfId = new long[size];
        this.driver = newDriver();
        this.memory = new CrashingMemory(region, crashAt, before);
    }

    /** Makes steps at random, then lets everything end; returns how many stores the first queue has made. */
    int run(int steps) {
        try {
            attach();
        } catch (CrashingMemory.Crash e) {
            succeed();
        }
        for (int i = 0; i < steps; i++) {
            try {
                step();
            } catch (CrashingMemory.Crash e) {
                succeed();
            }
        }
        while (true) {
            try {
                finish();
                break;
            } catch (CrashingMemory.Crash e) {
                succeed();
            }
        }
        assertThat(returned.cardinality()).as("requests answered").isEqualTo((int) next);
        assertThat(driver.inFlight()).isZero();
        assertThat(device().inFlight()).isZero();
        assertThat(device().base()).as("where the ring stops").isEqualTo(driverBase());
        return memory.stores();
    }

    private int driverBase() {
        return format == RingFormat.SPLIT ? driver.base() & 0xffff : driver.base();
    }

    private DriverQueue newDriver() {
        ram.freeAll();
        int start = format == RingFormat.SPLIT
                ? random.nextBoolean() ? 65_534 : 0
                : random.nextInt(size) | (random.nextBoolean() ? PackedLayout.WRAP : 0);
        DriverQueue made = VirtqueueModelTest.driver(format, ram, size, false, start, 4);
        base = made.base();
        numbers = ram.allocate(NUMBERS * 8L, 64);
        return made;
    }

    /** Puts a queue on the ring and the region as they are. */
    private void attach() {
        lastHandled = -1;
        taken.clear();
        numberOfTaken.clear();
        RingParts parts = DeviceSide.parts(format, guest, ram, driver);
        attached = DeviceSide.tracked(format, size, parts, base, guest, memory);
        assertThat(device().error()).isZero();
    }

    private Virtqueue device() {
        return Objects.requireNonNull(attached);
    }

    /** The queue has died: the driver goes on a little, then there is another queue, which may die too. */
    private void succeed() {
        while (true) {
            crashes++;
            for (int n = random.nextInt(4); n > 0; n--) {
                driverStep(random.nextInt(3));
            }
            int crashAt = crashes < MAX_CRASHES && random.nextInt(3) > 0
                    ? random.nextInt(3 * size + 20)
                    : CrashingMemory.NEVER;
            memory = new CrashingMemory(region, crashAt, random.nextBoolean());
            try {
                attach();
                return;
            } catch (CrashingMemory.Crash e) {
                // And another one.
            }
        }
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 45) {
            driverStep(dice % 3);
        } else if (dice < 60) {
            take(1 + random.nextInt(size));
        } else if (dice < 80) {
            complete();
        } else if (dice < 94) {
            device().publish();
        } else if (dice < 97) {
            leave();
        } else {
            stop();
        }
    }

    private void driverStep(int kind) {
        switch (kind) {
            case 0 -> add();
            case 1 -> {
                driver.publish();
                published = next;
            }
            default -> poll();
        }
    }

    private void add() {
        boolean table = random.nextBoolean();
        int buffers = 1 + random.nextInt(Math.min(table ? 4 : 3, table ? 4 : size));
        long at = numbers + next % NUMBERS * 8;
        ram.at(at, 8).set(NUMBER, 0, next);
        driver.readable(at, 8);
        for (int i = 1; i < buffers; i++) {
            driver.writable(at, 8);
        }
        int id = table ? driver.addIndirect() : driver.add();
        if (id >= 0) {
            numberOfId[id] = next++;
        }
    }

    private void poll() {
        int id = driver.poll();
        if (id < 0) {
            return;
        }
        int number = (int) numberOfId[id];
        assertThat(driver.usedLength()).as("the request that comes back").isEqualTo(number + 1);
        assertThat(returned.get(number))
                .as("request %d comes back again", number)
                .isFalse();
        returned.set(number);
    }

    private void take(int budget) {
        int left = budget - device().resubmit(budget, this::handle);
        assertThat(device().error()).isZero();
        device().drain(left, this::handle);
        assertThat(device().error()).isZero();
    }

    private int handle(Chain chain) {
        long number = chain.readable().segment(0).get(NUMBER, chain.readable().offset(0));
        assertThat(number)
                .as("requests in their order")
                .isGreaterThan(lastHandled)
                .isLessThan(published);
        assertThat(returned.get((int) number))
                .as("request %d, which was answered", number)
                .isFalse();
        lastHandled = number;
        taken.add(chain);
        numberOfTaken.add(number);
        return Virtqueue.OK;
    }

    private void complete() {
        if (!taken.isEmpty()) {
            int which = random.nextInt(taken.size());
            device().complete(taken.remove(which), numberOfTaken.remove(which) + 1);
        }
    }

    /** The back end goes in peace, and comes again; the front end does not know where the ring is. */
    private void leave() {
        drain();
        attach();
    }

    /** GET_VRING_BASE; then the ring goes on, or the driver makes another one. */
    private void stop() {
        drain();
        base = device().base();
        device().stopped(true);
        while (driver.hasUsed()) {
            poll();
        }
        if (random.nextBoolean() && driver.inFlight() == 0) {
            driver = newDriver();
        }
        attach();
    }

    /** Ends what is in flight, and takes nothing more. */
    private void drain() {
        while (device().inFlight() > 0) {
            device().resubmit(size, this::handle);
            complete();
        }
        device().publish();
    }

    private void finish() {
        driver.publish();
        published = next;
        int idle = 0;
        while (idle < 3) {
            take(size);
            idle = device().inFlight() == 0 ? idle + 1 : 0;
            drain();
            while (driver.hasUsed()) {
                poll();
            }
        }
    }
}
