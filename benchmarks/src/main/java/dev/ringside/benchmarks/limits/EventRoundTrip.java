package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.frontend.CallWaiter;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/** How long it takes to wake a thread on another core through an eventfd and to be woken by it: two sleepers. */
final class EventRoundTrip {
    private static final int ROUNDS = 500;
    private static final long DEADLINE_NS = 10_000_000_000L;

    private EventRoundTrip() {}

    /**
     * Measures.
     *
     * @param repeats how many times to measure; the median is taken
     * @return ns of a round trip
     */
    static double medianNs(int first, int second, int repeats) throws LinuxException {
        double[] results = new double[repeats];
        AtomicBoolean stop = new AtomicBoolean();
        try (EventFd there = EventFd.create();
                EventFd back = EventFd.create();
                CallWaiter thereWaiter = new CallWaiter(there);
                CallWaiter backWaiter = new CallWaiter(back)) {
            PinnedThread answering = new PinnedThread(second, () -> answer(thereWaiter, back, stop));
            new PinnedThread(first, () -> {
                        try {
                            ask(there, backWaiter, results);
                        } finally {
                            stop.set(true);
                            there.signal();
                        }
                    })
                    .join();
            answering.join();
        }
        Arrays.sort(results);
        return results[repeats / 2];
    }

    private static void ask(EventFd there, CallWaiter back, double[] results) {
        for (int i = -1; i < results.length; i++) {
            long start = System.nanoTime();
            for (int round = 0; round < ROUNDS; round++) {
                there.signal();
                if (!back.await(DEADLINE_NS)) {
                    throw new IllegalStateException("an eventfd's signal did not come");
                }
            }
            long time = System.nanoTime() - start;
            if (i >= 0) {
                results[i] = (double) time / ROUNDS;
            }
        }
    }

    private static void answer(CallWaiter there, EventFd back, AtomicBoolean stop) {
        while (there.await(DEADLINE_NS) && !stop.get()) {
            back.signal();
        }
    }
}
