package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.fault.FaultyFunction;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mptsas.MptsasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.mptsas.MptModel;
import dev.ringside.testkit.mptsas.MptSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults between an adapter and its driver, as fault_inject_device gives them, and what the users of a disk see of them. */
class DeviceFaultTest {
    private static final MptPatience IMPATIENT = new MptPatience(2_000, 2_000, 2_000);

    private enum Adapter {
        MPTSAS,
        MPT3SAS,
        MPT3SAS_WITH_ATOMIC_REQUESTS;

        PciFunction model(DmaSpace dma) throws LinuxException {
            return switch (this) {
                case MPTSAS -> new MptModel(MptSettings.plain(), dma);
                case MPT3SAS -> new Mpt3Model(Mpt3Settings.plain(), dma);
                case MPT3SAS_WITH_ATOMIC_REQUESTS ->
                    new Mpt3Model(Mpt3Settings.plain().atomicQueues(2), dma);
            };
        }

        ScsiHostDriver driver(PciFunction function) {
            return switch (this) {
                case MPTSAS -> new MptsasDriver(function, IMPATIENT);
                case MPT3SAS, MPT3SAS_WITH_ATOMIC_REQUESTS -> new Mpt3sasDriver(function, IMPATIENT);
            };
        }
    }

    /** That of the bench that was made last. */
    @SuppressWarnings("NullAway.Init")
    private FaultyFunction function;

    @ParameterizedTest
    @EnumSource
    void aDoorbellThatIsNotHeardIsMadeUpFor(Adapter adapter) throws Exception {
        try (FaultBench bench = bench(adapter)) {
            bench.writeAndRead(4);
            DeviceFault deaf = fault(DeviceFault.Kind.LOST_WRITES, 3);
            function.set(List.of(deaf));
            bench.writeAndRead(16);
            assertThat(deaf.run().hits()).isEqualTo(3);
            assertThat(bench.disk.host.info().stats().timeouts()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAdapterThatDoesNotAnswerIsGone(Adapter adapter) throws Exception {
        try (FaultBench bench = bench(adapter)) {
            bench.writeAndRead(4);
            function.set(List.of(fault(DeviceFault.Kind.GONE, Fault.ENDLESS)));
            List<FaultBench.Request> requests = bench.submitMany(8);
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.NO_DEVICE);
            List<String> events = new ArrayList<>();
            while (!events.contains("gone host0")) {
                events.add(bench.eventWhileTurning());
            }
            assertThat(events).contains("removed sda");
        }
    }

    private FaultBench bench(Adapter adapter) throws Exception {
        return new FaultBench(dma -> {
            function = new FaultyFunction(adapter.model(dma), () -> {});
            return adapter.driver(function);
        });
    }

    private static DeviceFault fault(DeviceFault.Kind kind, long count) {
        return new DeviceFault(kind, new FaultRun(1, count, 0, Fault.ENDLESS, 7, System.nanoTime()));
    }
}
