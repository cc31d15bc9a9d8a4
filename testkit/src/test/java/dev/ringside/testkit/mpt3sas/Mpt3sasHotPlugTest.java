package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.FaultBench;
import dev.ringside.testkit.scsi.FaultBench.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks and expanders that go under load, for a while or for good, with the whole subsystem above the driver. */
class Mpt3sasHotPlugTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int REQUESTS = 24;
    /** As it is by default, but that commands soon take too long. */
    private static final ScsiOptions OPTIONS = new ScsiOptions(300, 1_000, ScsiOptions.DEFAULT.retries(), 2_000, false);
    /** More than all tries and a time-out together. */
    private static final Duration WAIT = Duration.ofMillis(800);

    private @Nullable Mpt3Model made;

    /** One disk, behind two expanders in a row; its number is 1. */
    private static Mpt3Settings settings(int queues) {
        Mpt3Settings settings = Mpt3Settings.plain()
                .withShelves(List.of(
                        new Shelf(0, List.of()),
                        new Shelf(0, List.of()),
                        new Shelf(1, List.of(new Disk(1, 512, 16_384, false)))));
        return queues == 1 ? settings : settings.atomicQueues(queues);
    }

    private FaultBench bench(int queues) throws Exception {
        FaultBench bench = new FaultBench(
                dma -> {
                    made = new Mpt3Model(settings(queues), dma);
                    return new Mpt3sasDriver(made, MptPatience.DEFAULT);
                },
                OPTIONS);
        assertThat(bench.disk.nextEvent()).isEqualTo("added sda");
        return bench;
    }

    private Mpt3Model model() {
        return Objects.requireNonNull(made);
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(model().violations()).isEmpty();
    }

    /** Requests that the disk has, and takes its time for. */
    private List<Request> inFlight(FaultBench bench) {
        model().hold();
        List<Request> requests = new ArrayList<>(bench.submitMany(REQUESTS));
        bench.reactor.await("requests at the disk", () -> model().held() == REQUESTS, LIMIT);
        return requests;
    }

    private static void assertWait(FaultBench bench, List<Request> requests) {
        long until = System.nanoTime() + WAIT.toNanos();
        bench.reactor.await("time", () -> System.nanoTime() - until > 0, LIMIT);
        assertThat(requests).noneMatch(request -> request.ends > 0);
    }

    private void assertCarriedOut(FaultBench bench, List<Request> requests, ScsiDisk before) {
        bench.await(requests);
        assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
        bench.writeAndRead(16);
        bench.reactor.await("acknowledgements", () -> model().unacknowledged() == 0, LIMIT);
        assertThat(bench.disk.host.disks()).containsExactly(before);
        assertThat(bench.disk.host.info().resets()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void whatADiskHasWhenItIsLostIsCarriedOutWhenItIsBack(int queues) throws Exception {
        try (FaultBench bench = bench(queues)) {
            ScsiDisk disk = bench.disk.host.disks().getFirst();
            List<Request> requests = inFlight(bench);
            model().hotPlug().lose(1);
            model().release();
            requests.addAll(bench.submitMany(REQUESTS));
            assertWait(bench, requests);
            model().hotPlug().comeBack(1);
            assertCarriedOut(bench, requests, disk);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsBehindAnExpanderWaitsForIt(int shelf) throws Exception {
        try (FaultBench bench = bench(4)) {
            ScsiDisk disk = bench.disk.host.disks().getFirst();
            List<Request> requests = inFlight(bench);
            model().hotPlug().loseExpander(shelf);
            model().release();
            assertWait(bench, requests);
            var rescan = bench.disk.host.rescan();
            bench.reactor.await("a scan", rescan::isDone, LIMIT);
            assertWait(bench, requests);
            model().hotPlug().expanderBack(shelf);
            assertCarriedOut(bench, requests, disk);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatADiskHasFailsWhenItIsGivenUp(boolean lostFirst) throws Exception {
        try (FaultBench bench = bench(4)) {
            List<Request> requests = inFlight(bench);
            if (lostFirst) {
                model().hotPlug().lose(1);
                assertWait(bench, requests);
            }
            int handle = model().hotPlug().remove(1);
            model().release();
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            bench.reactor.await("the end of the handshake", () -> !model().knows(handle), LIMIT);
            model().hotPlug().add(new Disk(1, 512, 16_384, false));
            assertThat(bench.eventWhileTurning()).isEqualTo("added sda");
            assertThat(bench.run(IoType.READ, 0, bench.memory(8)))
                    .as("to the disk that has gone")
                    .isEqualTo(IoStatus.NO_DEVICE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anExpanderTakesAlongWhatIsBehindItAndBringsItBack(int shelf) throws Exception {
        try (FaultBench bench = bench(4)) {
            List<Request> requests = inFlight(bench);
            Mpt3HotPlug.Gone gone = model().hotPlug().removeExpander(shelf);
            model().release();
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            bench.reactor.await(
                    "the end of all handshakes", () -> gone.handles().stream().noneMatch(model()::knows), LIMIT);
            assertThat(bench.disk.host.disks()).isEmpty();

            model().hotPlug().plugIn(gone);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sda");
            bench.reactor.await("acknowledgements", () -> model().unacknowledged() == 0, LIMIT);
        }
    }
}
