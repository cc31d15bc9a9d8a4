package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.testkit.scsi.FaultBench.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** A disk that does not respond, and for which its adapter waits: requests wait with it, and end when it is decided. */
class MissingDeviceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int SHORT_MS = 300;
    /** Nothing is tried again. */
    private static final ScsiOptions STRICT = new ScsiOptions(5_000, 3_000, 0, 0, false);
    /** And everything soon takes too long, but for what waits for a disk. */
    private static final ScsiOptions HASTY = new ScsiOptions(SHORT_MS, 3_000, 0, 0, false);

    private static FaultBench bench() throws Exception {
        return bench(SimFault.Cure.ABORT, STRICT);
    }

    private static FaultBench bench(SimFault.Cure cure, ScsiOptions options) throws Exception {
        return new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", 512, 8 << 20))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.Lost(cure), 4, 1))),
                options);
    }

    /** Requests of which the device has one, and ends it only when it is lost; the disk is lost then. */
    private static List<Request> requestsOfALostDisk(FaultBench bench, Duration limit) throws Exception {
        assertThat(bench.disk.nextEvent()).isEqualTo("added sda");
        List<Request> requests = new ArrayList<>(bench.submitMany(5));
        List<Request> answered = requests.subList(0, 4);
        bench.await(answered);
        bench.reactor.await("a command to be lost", () -> bench.disk.sim().lostCommands() == 1, LIMIT);
        bench.disk.sim().lose(0, limit);
        requests.addAll(bench.submitMany(20));
        return requests;
    }

    private static void turnFor(FaultBench bench, Duration time) {
        long until = System.nanoTime() + time.toNanos();
        bench.reactor.await("time", () -> System.nanoTime() - until > 0, LIMIT);
    }

    @Test
    void whatWaitsIsCarriedOutWhenItIsBack() throws Exception {
        try (FaultBench bench = bench(SimFault.Cure.ABORT, HASTY)) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            turnFor(bench, Duration.ofMillis(3 * SHORT_MS));
            assertThat(requests.subList(4, 25)).noneMatch(request -> request.ends > 0);
            var rescan = bench.disk.host.rescan();
            bench.reactor.await("a scan", rescan::isDone, LIMIT);
            assertThat(bench.disk.host.disks()).as("it counts as there").hasSize(1);
            assertThat(bench.disk.host.disks().getFirst().isGone()).isFalse();

            bench.disk.sim().comeBack(0);
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
            bench.writeAndRead(16);
            assertThat(bench.disk.host.info().resets()).isZero();
            assertThat(bench.disk.host.info().stats().failed()).isZero();
        }
    }

    @Test
    void whatWaitsFailsWhenItIsGivenUp() throws Exception {
        try (FaultBench bench = bench()) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            bench.disk.sim().pullOut(0);
            bench.await(requests);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
        }
    }

    @Test
    void nobodyWaitsForEver() throws Exception {
        try (FaultBench bench = bench()) {
            List<Request> requests = requestsOfALostDisk(bench, Duration.ofMillis(100));
            bench.await(requests);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            assertThat(bench.run(IoType.READ, 0, bench.memory(8))).isEqualTo(IoStatus.NO_DEVICE);
            // Later than anybody thought: it is a disk that has been plugged in.
            bench.disk.sim().comeBack(0);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sda");
        }
    }

    @Test
    void anotherDiskInThePlaceGetsNothingOfWhatWaits() throws Exception {
        try (FaultBench bench = bench()) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            bench.disk.sim().comeBackAs(0, SimDiskSettings.ssd("B", 512, 8 << 20));
            bench.await(requests);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            assertThat(bench.eventWhileTurning()).startsWith("added ");
        }
    }

    @Test
    void aRescanFindsWhatWasGivenUp() throws Exception {
        try (FaultBench bench = bench()) {
            List<Request> requests = requestsOfALostDisk(bench, Duration.ofMillis(100));
            bench.await(requests);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            bench.disk.sim().comeBackUntold(0);
            var rescan = bench.disk.host.rescan();
            bench.reactor.await("a scan", rescan::isDone, LIMIT);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sda");
        }
    }

    @Test
    void whatTheAdapterHasForgottenEndsWhenItsDiskIsGivenUp() throws Exception {
        try (FaultBench bench = bench(SimFault.Cure.CONTROLLER_RESET, HASTY)) {
            List<Request> requests = requestsOfALostDisk(bench, Duration.ofMillis(100));
            bench.await(requests);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            assertThat(bench.disk.host.info().resets()).isEqualTo(1);
        }
    }

    @Test
    void anAdapterThatDoesNotAnswerIsResetThoughTheDiskIsMissing() throws Exception {
        try (FaultBench bench = bench(SimFault.Cure.CONTROLLER_RESET_ONLY, STRICT)) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            Request reset = new Request();
            reset.io.prepare(IoType.RESET, 0, 0, reset.data, 0);
            bench.channel.submit(reset.io);
            requests.add(reset);
            bench.await(requests);
            assertThat(reset.status).isEqualTo(IoStatus.OK);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.ABORTED);
            assertThat(bench.disk.host.info().resets()).isEqualTo(1);
        }
    }

    @Test
    void aResetOfWhatIsMissingIsNoneOfTheAdapter() throws Exception {
        try (FaultBench bench = bench()) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            Request reset = new Request();
            reset.io.prepare(IoType.RESET, 0, 0, reset.data, 0);
            bench.channel.submit(reset.io);
            requests.add(reset);
            bench.await(requests);
            assertThat(reset.status).isEqualTo(IoStatus.OK);
            assertThat(requests.subList(4, 25)).allMatch(request -> request.status == IoStatus.ABORTED);
            assertThat(bench.disk.host.info().resets()).isZero();
            bench.disk.sim().comeBack(0);
            bench.writeAndRead(4);
        }
    }

    /** Whoever asks for a reset is told that it has not helped, and the adapter's other disks are left alone. */
    @Test
    void anOperatorHearsThatAResetOfWhatIsMissingDoesNotHelp() throws Exception {
        ScsiOptions patient = new ScsiOptions(60_000, 3_000, 5, 0, false);
        try (FaultBench bench = bench(SimFault.Cure.CONTROLLER_RESET, patient)) {
            List<Request> requests = requestsOfALostDisk(bench, LONG);
            ScsiDisk disk = bench.disk.host.disks().getFirst();
            CompletableFuture<Void> early = bench.disk.host.reset(disk);
            bench.reactor.await("a reset", early::isDone, LIMIT);
            assertThat(early)
                    .failsWithin(LIMIT)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("sda does not respond");
            assertThat(bench.disk.host.info().resets()).isZero();
            assertThat(requests.subList(4, 25)).noneMatch(request -> request.ends > 0);

            bench.disk.sim().comeBack(0);
            CompletableFuture<Void> late = bench.disk.host.reset(disk);
            bench.reactor.await("a reset", late::isDone, LIMIT);
            late.join();
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
            assertThat(bench.disk.host.info().resets()).isEqualTo(1);
        }
    }
}
