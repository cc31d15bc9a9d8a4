package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.env.reactor.Registration;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The device at work: a random load against a model, each idle mode, and the steady state. */
final class RunningChecks {
    private static final int IDLE_REQUESTS = 1_000;
    private static final int STEADY_DEPTH = 16;
    /** What the measuring itself may allocate. */
    private static final long MEASURING_BYTES = 2_048;

    private static final int MOST_MEASUREMENTS = 20;

    private RunningChecks() {}

    static List<Check> all(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        for (int depth : new int[] {1, 4, 32, 128}) {
            checks.add(
                    Check.of(subject, "random load, queue depth " + depth, rig -> new ModelLoad(rig, depth).run(2000)));
        }
        for (IdleMode mode : IdleMode.values()) {
            checks.add(Check.of(subject, "idle mode " + mode, rig -> idleMode(rig, mode)));
        }
        if (subject.aloneOnReactor()) {
            checks.add(Check.of(subject, "no allocation in steady state", RunningChecks::noAllocation));
        }
        return checks;
    }

    /** One request after the other, each submitted when the reactor may be asleep: no wake-up is lost. */
    private static void idleMode(BdevRig rig, IdleMode mode) throws Exception {
        var failures = new ConcurrentLinkedQueue<Throwable>();
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        MemorySegment memory = rig.memory(rig.bytes(4));
        TestRequest request = new TestRequest();
        request.whenDone = () -> ends.add(request.status);
        try (ReactorThread thread = ReactorThread.start(0, mode, (name, thrown) -> failures.add(thrown))) {
            BdevChannel channel = thread.reactor()
                    .call(() -> rig.handle.openChannel(thread.reactor()))
                    .get();
            Registration resubmission = thread.reactor()
                    .call(() -> thread.reactor().register("resubmission", new Resubmission(channel)))
                    .get();
            try {
                for (int i = 0; i < IDLE_REQUESTS; i++) {
                    IoType type = i % 2 == 0 ? IoType.WRITE : IoType.READ;
                    long lba = i % 50;
                    thread.reactor().execute(() -> {
                        channel.submit(request.transfer(type, lba, 4, memory).io);
                        channel.flush();
                    });
                    Integer status = ends.poll(BdevRig.LIMIT.toSeconds(), TimeUnit.SECONDS);
                    assertThat(failures).isEmpty();
                    assertThat(status).as("end of request %d", i).isEqualTo(IoStatus.OK);
                }
                assertThat(ends).as("ends that belong to no request").isEmpty();
            } finally {
                thread.reactor()
                        .call(() -> {
                            resubmission.close();
                            channel.close();
                            return true;
                        })
                        .get();
            }
        }
    }

    /** Flushes a channel until its device, which somebody else may have at a moment, has taken everything. */
    private record Resubmission(BdevChannel channel) implements Poller {
        @Override
        public int poll(long nowNs) {
            if (!channel.congested()) {
                return 0;
            }
            channel.flush();
            return 1;
        }

        @Override
        public boolean arm() {
            return !channel.congested();
        }
    }

    private static void noAllocation(BdevRig rig) {
        SteadyLoad load = new SteadyLoad(rig, STEADY_DEPTH);
        int requests = rig.subject.steadyRequests();
        load.run(Math.max(20_000, requests / 5));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // The compiler takes its time on a busy machine.
        for (int attempt = 0; attempt < MOST_MEASUREMENTS && allocated > MEASURING_BYTES; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            load.run(requests);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes allocated by %d requests", requests).isLessThanOrEqualTo(MEASURING_BYTES);
    }

    /** Requests of all sorts that follow each other for ever, without an allocation of its own. */
    private static final class SteadyLoad {
        private final BdevRig rig;
        private final TestRequest[] requests;
        private final boolean zeroes;
        private final boolean flushes;
        private int next;

        SteadyLoad(BdevRig rig, int depth) {
            this.rig = rig;
            this.requests = new TestRequest[depth];
            this.zeroes = rig.supports(IoType.WRITE_ZEROES);
            this.flushes = rig.supports(IoType.FLUSH);
            for (int i = 0; i < depth; i++) {
                requests[i] = new TestRequest();
                MemorySegment memory = rig.memory(rig.bytes(4));
                // Every other one has memory that suits no device.
                long shift = i % 2;
                requests[i].data.add(memory, shift, rig.bytes(2));
                requests[i].data.add(memory, shift + rig.bytes(2), rig.bytes(1));
            }
        }

        void run(int count) {
            int submitted = 0;
            int ended = 0;
            for (TestRequest request : requests) {
                submit(request);
                submitted++;
            }
            while (ended < count) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new AssertionError((submitted - ended) + " requests do not end in the time of the test");
                }
                rig.channel.flush();
                rig.reactor.step();
                for (TestRequest request : requests) {
                    if (request.ends > 0 && ended < count) {
                        ended += request.ends;
                        if (request.status != IoStatus.OK) {
                            throw new AssertionError(request.io.type() + " ended with " + request.status);
                        }
                        request.ends = 0;
                        if (submitted < count) {
                            submit(request);
                            submitted++;
                        }
                    }
                }
            }
        }

        private void submit(TestRequest request) {
            int n = next++;
            long lba = n * 7L % 1000;
            if (zeroes && n % 101 == 0) {
                request.with(IoType.WRITE_ZEROES, lba, 3, 0);
            } else if (flushes && n % 103 == 0) {
                request.with(IoType.FLUSH, 0, 0, 0);
            } else {
                request.with(n % 3 == 0 ? IoType.WRITE : IoType.READ, lba, 3, 0);
            }
            rig.channel.submit(request.io);
        }
    }
}
