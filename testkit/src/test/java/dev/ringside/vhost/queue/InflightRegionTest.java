package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.vhost.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions of requests in flight that another back end has written, or a hostile front end. */
class InflightRegionTest {
    private static final int SIZE = 8;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final List<Chain> started = new ArrayList<>();
    private Arena arena;
    private GuestRam ram;
    private GuestMemory guest;

    @BeforeEach
    void start() throws LinuxException {
        arena = Arena.ofConfined();
        ram = GuestRam.ofMiB(2);
        guest = DeviceSide.map(ram);
    }

    @AfterEach
    void close() {
        guest.release();
        ram.close();
        arena.close();
    }

    private MemorySegment region(RingFormat format, int size) {
        return arena.allocate(InflightLayout.bytes(format, size), InflightLayout.ALIGNMENT);
    }

    private Virtqueue attach(RingFormat format, DriverQueue driver, int base, MemorySegment region) {
        RingParts parts = DeviceSide.parts(format, guest, ram, driver);
        return DeviceSide.tracked(format, driver.size(), parts, base, guest, new InflightMemory(region));
    }

    private int start(Chain chain) {
        started.add(chain);
        return Virtqueue.OK;
    }

    private static int[] offer(DriverQueue driver, int chains) {
        int[] ids = new int[chains];
        for (int i = 0; i < chains; i++) {
            driver.readable(4096 + i, 16);
            ids[i] = driver.add();
        }
        driver.publish();
        return ids;
    }

    private static void endAll(Virtqueue queue, List<Chain> chains) {
        chains.forEach(chain -> queue.complete(chain, 1));
        chains.clear();
        queue.publish();
    }

    /** The header of a region that a back end made ready, with everything else at 0. */
    private static void ready(MemorySegment region, int size) {
        region.set(U16, InflightLayout.OFFSET_VERSION, (short) InflightLayout.VERSION);
        region.set(U16, InflightLayout.OFFSET_DESC_NUM, (short) size);
    }

    private static void inFlight(MemorySegment region, int head, long counter) {
        long at = InflightLayout.SPLIT_STATES + (long) head * InflightLayout.SPLIT_STATE_BYTES;
        region.set(U64, at + InflightLayout.COUNTER, counter);
        region.set(ValueLayout.JAVA_BYTE, at + InflightLayout.INFLIGHT, (byte) 1);
    }

    /** A ring that has gone on to index {@code done} before its region was made, one request after the other. */
    @ParameterizedTest
    @CsvSource({"2", "5", "8", "9", "1000"})
    void splitRegionWhoseUsedIndexWasNeverWritten(int done) {
        DriverQueue driver = VirtqueueModelTest.driver(RingFormat.SPLIT, ram, SIZE, false, 0, 0);
        Virtqueue first = attach(RingFormat.SPLIT, driver, 0, region(RingFormat.SPLIT, SIZE));
        for (int i = 0; i < done; i++) {
            assertThat(offer(driver, 1)).containsExactly(0);
            first.drain(1, this::start);
            endAll(first, started);
            assertThat(driver.poll()).isZero();
        }
        int[] ids = offer(driver, 3);
        assertThat(ids[0]).isZero();
        MemorySegment foreign = region(RingFormat.SPLIT, SIZE);
        ready(foreign, SIZE);
        inFlight(foreign, ids[0], 0);
        inFlight(foreign, ids[1], 1);
        Virtqueue second = attach(RingFormat.SPLIT, driver, done, foreign);
        assertThat(second.inFlight()).as("requests in flight").isEqualTo(2);
        assertThat(second.resubmit(8, this::start)).isEqualTo(2);
        assertThat(second.drain(8, this::start)).isEqualTo(1);
        assertThat(started).extracting(chain -> chain.head).containsExactly(ids[0], ids[1], ids[2]);
        endAll(second, started);
        assertThat(List.of(driver.poll(), driver.poll(), driver.poll(), driver.poll()))
                .containsExactly(ids[0], ids[1], ids[2], -1);
        assertThat(second.base()).isEqualTo(done + 3);
    }

    @Test
    void splitRequestsInTheOrderOfCountersThatAreAboutToOverflow() {
        DriverQueue driver = VirtqueueModelTest.driver(RingFormat.SPLIT, ram, SIZE, false, 0, 0);
        int[] ids = offer(driver, 4);
        MemorySegment foreign = region(RingFormat.SPLIT, SIZE);
        ready(foreign, SIZE);
        inFlight(foreign, ids[3], 3);
        inFlight(foreign, ids[0], Long.MAX_VALUE);
        inFlight(foreign, ids[2], Long.MIN_VALUE);
        inFlight(foreign, ids[1], -1);
        Virtqueue queue = attach(RingFormat.SPLIT, driver, 0, foreign);
        queue.resubmit(8, this::start);
        assertThat(started).extracting(chain -> chain.head).containsExactly(ids[3], ids[0], ids[2], ids[1]);
    }

    /** DPDK makes a packed region ready with both wrap counters 1 and entry 0, wherever the ring is; others leave all 0. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 257", "3, 0", "3, 257", "32771, 257", "32771, 0"})
    void packedRegionThatWasOnlyMadeReady(int start, int wraps) {
        DriverQueue driver = VirtqueueModelTest.driver(RingFormat.PACKED, ram, SIZE, false, start, 0);
        MemorySegment foreign = region(RingFormat.PACKED, SIZE);
        ready(foreign, SIZE);
        foreign.set(U16, InflightLayout.PACKED_USED_WRAP, (short) wraps);
        Virtqueue queue = attach(RingFormat.PACKED, driver, driver.base(), foreign);
        int[] ids = offer(driver, SIZE);
        assertThat(queue.drain(SIZE, this::start)).isEqualTo(SIZE);
        endAll(queue, started);
        for (int id : ids) {
            assertThat(driver.poll()).isEqualTo(id);
        }
        assertThat(queue.base()).isEqualTo(driver.base());
    }

    /** A chain that runs into entries whose requests are in flight, with and without a region. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPackedDriverThatOffersMoreEntriesThanTheRingHas(boolean tracked) {
        PackedDriver driver = new PackedDriver(ram, new PackedDriver.Options(SIZE, false, PackedLayout.WRAP, 0));
        Virtqueue queue = tracked
                ? attach(RingFormat.PACKED, driver, driver.base(), region(RingFormat.PACKED, SIZE))
                : DeviceSide.queue(RingFormat.PACKED, guest, ram, driver, true, false);
        offer(driver, 6);
        assertThat(queue.drain(8, this::start)).isEqualTo(6);
        for (int slot : new int[] {1, 0, 7, 6}) {
            int next = slot == 1 ? 0 : Descriptor.F_NEXT;
            driver.ring().descriptor(slot, 4096, 16, 0, next | driver.availableFlags());
        }
        queue.drain(8, this::start);
        assertThat(queue.error()).isEqualTo(QueueError.INDEX_JUMP.code());
        assertThat(started).hasSize(6);
        assertThat(queue.inFlight()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource
    void regionOfAnotherSizeOrVersionIsMadeAnew(RingFormat format) {
        for (int change = 0; change < 2; change++) {
            DriverQueue driver = VirtqueueModelTest.driver(format, ram, SIZE, false, 0, 0);
            MemorySegment region = region(format, SIZE);
            Virtqueue first = attach(format, driver, driver.base(), region);
            offer(driver, 2);
            first.drain(2, this::start);
            region.set(U16, change == 0 ? InflightLayout.OFFSET_VERSION : InflightLayout.OFFSET_DESC_NUM, (short) 2);
            started.clear();
            Virtqueue second = attach(format, driver, driver.base(), region);
            assertThat(second.inFlight()).isZero();
            assertThat(second.drain(8, this::start)).isEqualTo(2);
            assertThat(region.get(U16, InflightLayout.OFFSET_VERSION)).isEqualTo((short) 1);
            assertThat(region.get(U16, InflightLayout.OFFSET_DESC_NUM)).isEqualTo((short) SIZE);
            started.clear();
        }
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, 1", "SPLIT, 8", "SPLIT, 256", "PACKED, 1", "PACKED, 7", "PACKED, 8", "PACKED, 300"})
    void garbageBreaksAtMostItsOwnQueue(RingFormat format, int size) {
        Random random = new Random(Seed.of("garbage in a " + format + " region of " + size));
        MemorySegment region = region(format, size);
        int broken = 0;
        int rounds = 3000 / size + 60;
        for (int round = 0; round < rounds; round++) {
            ram.freeAll();
            DriverQueue driver = VirtqueueModelTest.driver(format, ram, size, false, 0, 4);
            Virtqueue queue = attach(format, driver, driver.base(), region);
            spoil(region, size, random);
            queue = attach(format, driver, driver.base(), region);
            for (int step = 0; step < 60; step++) {
                hostileStep(queue, driver, region, random);
            }
            while (queue.error() == Virtqueue.OK && queue.inFlight() > 0) {
                queue.resubmit(size, this::start);
                endAll(queue, started);
            }
            if (queue.error() != Virtqueue.OK) {
                broken++;
                started.forEach(queue::abandon);
                started.clear();
            }
            assertThat(queue.inFlight()).isZero();
            queue.stopped(true);
            queue.close();
        }
        assertThat(broken).as("rounds that broke the queue").isPositive();
        // The next user starts afresh.
        ram.freeAll();
        DriverQueue driver = VirtqueueModelTest.driver(format, ram, size, false, 0, 4);
        Virtqueue queue = attach(format, driver, driver.base(), region);
        offer(driver, 1);
        assertThat(queue.drain(1, this::start)).isEqualTo(1);
        endAll(queue, started);
        assertThat(driver.poll()).isNotNegative();
    }

    /** Random bytes all over the region, or a few of them, or many states in flight. */
    private static void spoil(MemorySegment region, int size, Random random) {
        int kind = random.nextInt(3);
        if (kind == 0) {
            byte[] noise = new byte[(int) region.byteSize()];
            random.nextBytes(noise);
            MemorySegment.copy(noise, 0, region, ValueLayout.JAVA_BYTE, 0, noise.length);
        } else {
            for (int i = 0; i < 1 + size; i++) {
                long at =
                        InflightLayout.SPLIT_STATES + random.nextLong(region.byteSize() - InflightLayout.SPLIT_STATES);
                region.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt(kind == 1 ? 256 : size + 1));
            }
        }
        ready(region, size);
        if (random.nextBoolean()) {
            region.set(U16, InflightLayout.PACKED_USED_IDX, (short) random.nextInt(size));
            region.set(U16, InflightLayout.PACKED_OLD_USED_IDX, (short) random.nextInt(size));
        }
    }

    private void hostileStep(Virtqueue queue, DriverQueue driver, MemorySegment region, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> region.set(ValueLayout.JAVA_BYTE, random.nextLong(region.byteSize()), (byte) random.nextInt(256));
            case 1 -> {
                driver.readable(4096, 16);
                driver.add();
                driver.publish();
            }
            case 2 -> queue.resubmit(1 + random.nextInt(8), this::start);
            case 3 -> queue.drain(1 + random.nextInt(8), this::start);
            case 4 -> {
                if (!started.isEmpty()) {
                    queue.complete(started.remove(random.nextInt(started.size())), 1);
                }
            }
            default -> queue.publish();
        }
    }
}
