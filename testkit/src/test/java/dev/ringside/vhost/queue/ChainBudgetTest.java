package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What queues hold of the heap: how pools and lists grow, what stops them, that all is given back, that nobody starves. */
class ChainBudgetTest {
    private static final int SIZE = 1024;
    private static final long AMPLE = 1L << 40;
    private static final long LEAST = (long) Virtqueue.LEAST_CHAINS * Chain.USUAL_BYTES;

    /** A queue with both its sides, and the requests that the device has. */
    private static final class Rig implements AutoCloseable {
        final GuestRam ram;
        final DriverQueue driver;
        final Virtqueue device;
        final List<Chain> held = new ArrayList<>();

        Rig(RingFormat format, ChainBudget.Share share, GuestRam ram, int tables) throws LinuxException {
            this.ram = ram;
            int start = format == RingFormat.PACKED ? PackedLayout.WRAP : 0;
            driver = VirtqueueModelTest.driver(format, ram, SIZE, false, start, tables);
            device = DeviceSide.queue(
                    format,
                    DeviceSide.map(ram),
                    ram,
                    driver,
                    new RingFeatures(true, false),
                    new ChainSource(DeviceSide.BareChain::new, share));
        }

        Rig(RingFormat format, ChainBudget.Share share, int tables) throws LinuxException {
            this(format, share, GuestRam.ofMiB(64), tables);
        }

        void offer(int requests, int descriptors) {
            for (int i = 0; i < requests; i++) {
                for (int k = 0; k < descriptors; k++) {
                    driver.writable(k, 1);
                }
                assertThat(descriptors == 1 ? driver.add() : driver.addIndirect())
                        .isNotNegative();
            }
            driver.publish();
        }

        /** Takes what can be taken. */
        int drain() {
            int before = held.size();
            int idle = 0;
            while (idle < 2) {
                idle = device.drain(64, this::hold) == 0 ? idle + 1 : 0;
            }
            assertThat(device.error()).isZero();
            return held.size() - before;
        }

        private int hold(Chain chain) {
            held.add(chain);
            return Virtqueue.OK;
        }

        int endAll() {
            int ended = held.size();
            held.forEach(chain -> device.complete(chain, 0));
            held.clear();
            device.publish();
            for (int i = 0; i < ended; i++) {
                assertThat(driver.poll()).isNotNegative();
            }
            return ended;
        }

        @Override
        public void close() {
            device.close();
            ram.close();
        }
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aPoolGrowsWithWhatIsInFlight(RingFormat format) throws LinuxException {
        ChainBudget budget = new ChainBudget(AMPLE);
        ChainBudget.Share share = budget.share();
        try (Rig rig = new Rig(format, share, 0)) {
            assertThat(share.held()).isZero();
            rig.offer(1, 1);
            assertThat(rig.drain()).isOne();
            assertThat(share.held()).isEqualTo(LEAST);
            rig.offer(SIZE - 1, 1);
            assertThat(rig.drain()).isEqualTo(SIZE - 1);
            assertThat(rig.device.inFlight()).isEqualTo(SIZE);
            assertThat(share.held()).isEqualTo((long) SIZE * Chain.USUAL_BYTES);
            assertThat(rig.endAll()).isEqualTo(SIZE);
            assertThat(rig.device.inFlight()).isZero();
        }
        assertThat(share.held()).isZero();
        assertThat(budget.left()).isEqualTo(AMPLE);
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aPoolThatMayNotGrowLeavesRequestsInTheRing(RingFormat format) throws LinuxException {
        ChainBudget budget = new ChainBudget(200L * Chain.USUAL_BYTES);
        ChainBudget.Share share = budget.share();
        try (Rig rig = new Rig(format, share, 0)) {
            rig.offer(SIZE, 1);
            int ended = 0;
            while (ended < SIZE) {
                assertThat(rig.drain()).isEqualTo(Math.min(64, SIZE - ended));
                // It does not sleep on them.
                assertThat(rig.device.enableKicks()).isEqualTo(ended + 64 < SIZE);
                ended += rig.endAll();
            }
            assertThat(share.held()).isEqualTo(64L * Chain.USUAL_BYTES);
        }
        assertThat(share.held()).isZero();
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void longRequestsStopAtTheBudgetAndAllEnd(RingFormat format) throws LinuxException {
        ChainBudget budget = new ChainBudget(4L * Chain.MOST_ROOM);
        ChainBudget.Share share = budget.share();
        int requests = 60;
        try (Rig rig = new Rig(format, share, 300)) {
            rig.offer(requests, 300);
            int ended = 0;
            int most = 0;
            while (ended < requests) {
                assertThat(rig.drain()).isPositive();
                most = Math.max(most, rig.held.size());
                assertThat(budget.left()).isPositive();
                rig.held.forEach(chain -> assertThat(chain.writable().count()).isEqualTo(300));
                ended += rig.endAll();
                // The lists are as short as they were.
                assertThat(share.held()).isEqualTo(LEAST);
            }
            assertThat(most).isBetween(4, 15);
        }
        assertThat(budget.left()).isEqualTo(4L * Chain.MOST_ROOM);
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void withoutAnyRoomTheLongestRequestsGoOneByOne(RingFormat format) throws LinuxException {
        ChainBudget budget = new ChainBudget(0);
        ChainBudget.Share share = budget.share();
        try (Rig one = new Rig(format, share, 1000);
                Rig other = new Rig(format, share, 1000)) {
            one.offer(2, 1000);
            other.offer(1, 1000);
            other.offer(5, 1);
            for (int turn = 0; turn < 2; turn++) {
                assertThat(one.drain()).isOne();
                assertThat(other.drain()).isZero();
                assertThat(other.device.inFlight()).isZero();
                assertThat(other.device.enableKicks()).isTrue();
                assertThat(one.endAll()).isOne();
            }
            assertThat(other.drain()).isEqualTo(6);
            other.endAll();
            assertThat(share.held()).isEqualTo(2 * LEAST);
        }
        assertThat(budget.left()).isZero();
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void usualListsStayLongWhileThereIsRoom(RingFormat format) throws LinuxException {
        ChainBudget budget = new ChainBudget(AMPLE);
        ChainBudget.Share share = budget.share();
        try (Rig rig = new Rig(format, share, 128)) {
            rig.offer(4, 128);
            assertThat(rig.drain()).isEqualTo(4);
            long grown = share.held();
            assertThat(grown).isGreaterThan(LEAST);
            rig.endAll();
            rig.offer(4, 128);
            assertThat(rig.drain()).isEqualTo(4);
            assertThat(share.held()).isEqualTo(grown);
        }
        // Closed with requests in flight.
        assertThat(share.held()).isZero();
    }

    /** Where regions are small, one descriptor can cover hundreds: of that a chain has its most, too. */
    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aChainOfTooManyPiecesOfMemoryBreaksTheQueue(RingFormat format) throws LinuxException {
        long first = 32L << 20;
        GuestRam ram = GuestRam.of(
                new GuestRegion.Layout(0, first, GuestRam.USER_BASE, 0),
                new GuestRegion.Layout(first, 4096, GuestRam.USER_BASE + first, 0),
                new GuestRegion.Layout(first + 4096, 4096, GuestRam.USER_BASE + first + 4096, 0));
        ChainBudget budget = new ChainBudget(AMPLE);
        ChainBudget.Share share = budget.share();
        try (Rig rig = new Rig(format, share, ram, 1000)) {
            for (int k = 0; k < 1000; k++) {
                rig.driver.readable(first - 16, 16 + 4096 + 16);
            }
            assertThat(rig.driver.addIndirect()).isNotNegative();
            rig.driver.publish();
            rig.device.drain(64, chain -> Virtqueue.OK);
            assertThat(rig.device.error()).isEqualTo(QueueError.CHAIN_TOO_LONG.code());
            assertThat(share.held()).isEqualTo(LEAST);
        }
        assertThat(share.held()).isZero();
    }
}
