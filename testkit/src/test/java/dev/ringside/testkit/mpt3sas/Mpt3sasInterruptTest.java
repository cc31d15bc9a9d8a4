package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorStats;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.testkit.scsi.HostDisk;
import dev.ringside.testkit.scsi.PausableDriver;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reactors sleep while the adapter works, and its interrupts wake them: the control thread, which looks now and then, rests. */
class Mpt3sasInterruptTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BLOCK = 512;
    /** Turns of a reactor that a message makes: its own, and one that finds nothing; twice as many for what the kernel does. */
    private static final long TURNS_OF_A_MESSAGE = 4;

    private final Arena arena = Arena.ofShared();
    private final BdevRegistry registry = new BdevRegistry();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final List<User> users = new ArrayList<>();
    private final HostDisk disk;
    private final BdevHandle handle;
    private final Mpt3Model model;
    private final PausableDriver driver;

    Mpt3sasInterruptTest() throws Exception {
        CompletableFuture<Mpt3Model> made = new CompletableFuture<>();
        disk = new HostDisk(
                dma -> {
                    // One queue, which all reactors share.
                    Mpt3Model adapter = new Mpt3Model(Mpt3Settings.plain(), dma);
                    made.complete(adapter);
                    return new PausableDriver(new Mpt3sasDriver(adapter, MptPatience.DEFAULT));
                },
                ScsiOptions.DEFAULT.withInterrupts(true),
                Range.WHOLE);
        model = made.join();
        driver = (PausableDriver) disk.driver;
        registry.register(disk);
        handle = registry.open(disk.info().name(), true, event -> {});
    }

    @AfterEach
    void close() throws Exception {
        driver.goOn();
        for (User user : users) {
            user.close();
        }
        handle.close();
        assertThat(registry.unregister(disk.info().name())).isDone();
        arena.close();
        assertThat(failures).isEmpty();
        assertThat(model.violations()).isEmpty();
    }

    /** A reactor that reads one block at a time. */
    private final class User {
        final ReactorThread thread;
        final BdevChannel channel;
        final ScatterList data = new ScatterList(1);
        final BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        final BdevIo io = new BdevIo((done, status) -> ends.add(status));

        User() throws Exception {
            thread = ReactorThread.start(0, IdleMode.INTERRUPT, (name, thrown) -> failures.add(thrown));
            channel = on(() -> handle.openChannel(thread.reactor()));
            data.add(disk.allocate(arena, BLOCK), 0, BLOCK);
            users.add(this);
        }

        <T> T on(Callable<T> work) throws Exception {
            return thread.reactor().call(work).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        void read(long lba) throws Exception {
            on(() -> {
                io.prepare(IoType.READ, lba, 1, data, 0);
                channel.submit(io);
                do {
                    // Once more if the other reactor has the adapter's queue.
                    channel.flush();
                } while (channel.congested());
                return true;
            });
        }

        void awaitEnd() throws Exception {
            assertThat(ends.poll(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
        }

        ReactorStats stats() throws Exception {
            return thread.stats().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        void close() throws Exception {
            on(() -> {
                channel.close();
                return true;
            });
            thread.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReactorSleepsUntilTheAdapterInterrupts(boolean afterReset) throws Exception {
        if (afterReset) {
            disk.host.reset().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            // Requests wait for the handles of their disks, of which the driver would not learn while it is paused.
            disk.host.rescan().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        User user = new User();
        driver.pause();
        model.hold();
        user.read(1);
        awaitHeld(1);
        long fewest = Long.MAX_VALUE;
        for (int look = 0; look < 10; look++) {
            ReactorStats before = user.stats();
            ReactorStats after = user.stats();
            // Between two looks of a thread that is kept waiting, something else may wake the reactor.
            fewest = Math.min(fewest, runs(after) - runs(before));
        }
        assertThat(fewest).isLessThanOrEqualTo(TURNS_OF_A_MESSAGE);
        awaitSleep(user);
        assertThat(user.ends).isEmpty();
        model.release();
        user.awaitEnd();
    }

    /** Whoever wakes first finds what is the other's, too, and wakes it, whether or not it sleeps already. */
    @Test
    void reactorsThatShareAQueueWakeEachOther() throws Exception {
        User one = new User();
        User other = new User();
        driver.pause();
        for (int round = 0; round < 300; round++) {
            model.hold();
            one.read(round);
            other.read(round);
            awaitHeld(2);
            model.release();
            one.awaitEnd();
            other.awaitEnd();
        }
    }

    private void awaitHeld(int count) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (model.held() < count) {
            assertThat(System.nanoTime() - deadline).as("time").isNegative();
            Thread.onSpinWait();
        }
    }

    /** A reactor that is asked something wakes for it; in between it sleeps. */
    private static void awaitSleep(User user) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        long before = user.stats().sleeps();
        while (user.stats().sleeps() == before) {
            assertThat(System.nanoTime() - deadline).as("time").isNegative();
        }
    }

    private static long runs(ReactorStats stats) {
        return stats.active().stream()
                .filter(poller -> poller.name().equals("scsi queue"))
                .findFirst()
                .orElseThrow()
                .runCount();
    }
}
