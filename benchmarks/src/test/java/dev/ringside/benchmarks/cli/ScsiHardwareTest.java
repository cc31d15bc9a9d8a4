package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.scsi.DiskNames;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiListener;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mptsas.MptsasDriver;
import dev.ringside.benchmarks.load.BdevDisk;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.mptsas.MptModel;
import dev.ringside.testkit.mptsas.MptSettings;
import dev.ringside.testkit.scsi.SimDiskSettings;
import dev.ringside.testkit.scsi.SimHost;
import dev.ringside.testkit.scsi.SimHostSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code perf hw} on disks behind SAS adapters: models of both families at the level of registers, and a simulated host. */
class ScsiHardwareTest {
    private static final int SIM_BYTES = 8 << 20;

    /** A disk behind an adapter, under the name "disk". */
    private static final class Rig implements ScsiListener, HardwareCommand.Finder {
        private final DmaSpace dma = new DmaSpace();
        private final BdevRegistry registry = new BdevRegistry();
        private final ScsiHost host;
        /** What knows what the driver, or the mid-layer, did that it must not. */
        private final Violations violations;

        private interface Violations {
            List<String> list();
        }

        private interface Maker {
            ScsiHostDriver make(DmaSpace dma, List<Violations> watched) throws Exception;
        }

        private Rig(Maker maker) throws Exception {
            List<Violations> watched = new ArrayList<>();
            ScsiHostDriver driver = maker.make(dma, watched);
            violations = watched.getFirst();
            host = ScsiHost.attach("host0", driver, ScsiOptions.DEFAULT, new DiskNames(), this);
            registry.register(ScsiBdev.create("disk", host.disks().getFirst(), ScsiBdev.Range.WHOLE));
        }

        static Rig mptsas() throws Exception {
            return new Rig((dma, watched) -> {
                MptModel model = new MptModel(MptSettings.plain(), dma);
                watched.add(model::violations);
                return new MptsasDriver(model, MptPatience.DEFAULT);
            });
        }

        static Rig mpt3sas(int queues) throws Exception {
            return new Rig((dma, watched) -> {
                Mpt3Model model = new Mpt3Model(Mpt3Settings.plain().atomicQueues(queues), dma);
                watched.add(model::violations);
                return new Mpt3sasDriver(model, MptPatience.DEFAULT);
            });
        }

        static Rig simulated(int spoiltBlock) throws Exception {
            return new Rig((dma, watched) -> {
                SimHost sim = new SimHost(SimHostSettings.of(SimDiskSettings.ssd("sim", 4096, SIM_BYTES)), dma);
                if (spoiltBlock >= 0) {
                    sim.spoil(0, spoiltBlock);
                }
                watched.add(sim::violations);
                return sim;
            });
        }

        static Rig of(String name) throws Exception {
            return switch (name) {
                case "mptsas" -> mptsas();
                case "mpt3sas" -> mpt3sas(4);
                default -> simulated(-1);
            };
        }

        /** The disk, with which everything else goes. */
        @Override
        public BdevDisk find(Path config, String name) throws IOException {
            try {
                return new BdevDisk(registry, name, dma, this::destroy);
            } catch (BdevException e) {
                throw new IOException(e);
            }
        }

        private void destroy() {
            try {
                registry.unregister("disk").join();
            } catch (BdevException e) {
                throw new IllegalStateException(e);
            }
            host.close();
        }

        PerfRun run(String args) {
            return run("0.1", args);
        }

        PerfRun run(String warmUp, String args) {
            return endedAt("(?!)", "-t 0.2 -w " + warmUp + " " + args);
        }

        /** Ended as by a signal, as soon as what is told of the progress matches. */
        PerfRun endedAt(String progress, String args) {
            EarlyEnd signals = new EarlyEnd();
            Pattern end = Pattern.compile(progress, Pattern.DOTALL);
            PerfRun run = PerfRun.of(
                    new CommandLine(new HardwareCommand(this, signals)),
                    soFar -> {
                        if (end.matcher(soFar).find()) {
                            signals.now();
                        }
                    },
                    ("-c /none --bdev disk " + args).split(" "));
            assertThat(violations.list()).isEmpty();
            return run;
        }

        @Override
        public void diskAdded(ScsiDisk disk) {}

        @Override
        public void diskRemoved(ScsiDisk disk) {}

        @Override
        public void diskResized(ScsiDisk disk) {}

        @Override
        public void hostRemoved(ScsiHost removed) {}
    }

    @ParameterizedTest
    @CsvSource({
        "mptsas, -d 1",
        "mptsas, -d 64 -p randrw --read-percent 70 --fill",
        "mptsas, -d 8 -p read -b 256k",
        "mptsas, -d 4 -q 2 -p randwrite",
        "mpt3sas, -d 1",
        "mpt3sas, -d 16 -p write -b 128k",
        "mpt3sas, -d 8 -q 2 --rate 2000",
        "simulated, -d 32 -p randrw"
    })
    void loadsADiskPastTheBlockLayerAndThroughIt(String adapter, String args) throws Exception {
        PerfRun run = Rig.of(adapter).run(args + " --json");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/hardware/workload/device").asString()).isEqualTo("hw");
        assertThat(json.at("/block_layer/workload/device").asString()).isEqualTo("bdev");
        for (JsonNode load : List.of(json.path("hardware"), json.path("block_layer"))) {
            assertThat(load.at("/server").asString()).isEqualTo("disk");
            assertThat(load.at("/requests").asLong()).isPositive();
            assertThat(load.at("/mib_per_s").asDouble()).isPositive();
            assertThat(load.at("/latency_us/mean").asDouble()).isPositive();
            assertThat(load.at("/errors/io").asLong()).isZero();
            assertThat(load.at("/per_core").size()).isEqualTo(args.contains("-q 2") ? 2 : 1);
        }
        assertThat(json.at("/overhead_ns/per_request").isNumber()).isTrue();
    }

    @Test
    void printsATable() throws Exception {
        PerfRun run = Rig.mptsas().run("-d 4");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("disk: randread, 4,096 bytes, 1 queue of depth 4\n")
                .containsPattern(" bare device +block layer +difference\n")
                .containsPattern("\nMiB/s +[0-9,.]+ +[0-9,.]+ +-?[0-9,.]+\n")
                .containsPattern("\nmean, ns +[0-9,]+ +[0-9,]+ +-?[0-9,]+\n")
                .containsPattern("software overhead per I/O: -?[0-9,]+ ns of its latency");
        assertThat(run.errorLines()).contains("ringside: through the block layer", "ringside: on the bare device");
    }

    @ParameterizedTest
    @CsvSource({"mptsas", "mpt3sas", "simulated"})
    void comparesSeveralLoadsInOneTable(String adapter) throws Exception {
        PerfRun run = Rig.of(adapter).run("--fill --loads randread:4k:1,randread:4k:16,read:256k:2");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().toList())
                .hasSize(7)
                .startsWith("disk: 1 queue, on the bare device and through the block layer; mean latency")
                .satisfies(
                        lines -> assertThat(lines.get(3)).matches("pattern +bytes +depth( +MiB/s +IOPS +mean, ns){2}"))
                .satisfies(lines -> assertThat(lines.get(4)).matches("randread +4,096 +1( +[0-9,.]+){6}"))
                .satisfies(lines -> assertThat(lines.get(5)).matches("randread +4,096 +16( +[0-9,.]+){6}"))
                .satisfies(lines -> assertThat(lines.get(6)).matches("read +262,144 +2( +[0-9,.]+){6}"));
        assertThat(run.errorLines())
                .as("filled once, and six loads that warm up")
                .filteredOn("ringside: writing the range"::equals)
                .hasSize(1);
        assertThat(run.errorLines())
                .filteredOn("ringside: on the bare device"::equals)
                .hasSize(6);
    }

    @Test
    void tellsOfEachLoadInFullAsJson() throws Exception {
        JsonNode loads = Rig.mptsas()
                .run("--json --loads randrw:8k:4,write:128k:1")
                .json()
                .path("loads");

        assertThat(loads).hasSize(2);
        assertThat(loads.at("/0/hardware/workload/pattern").asString()).isEqualTo("randrw");
        assertThat(loads.at("/0/hardware/workload/read_percent").asInt()).isEqualTo(50);
        assertThat(loads.at("/1/block_layer/workload/block_size").asInt()).isEqualTo(131_072);
        assertThat(loads.at("/1/block_layer/workload/read_percent").asInt()).isZero();
        assertThat(loads.at("/1/block_layer/workload/warm_up_s").asDouble()).isEqualTo(0.1);
        for (JsonNode load : loads) {
            assertThat(load.at("/hardware/requests").asLong()).isPositive();
            assertThat(load.at("/block_layer/requests").asLong()).isPositive();
        }
    }

    @Test
    void tellsWhatItHasMeasuredWhenItIsEndedEarly() throws Exception {
        PerfRun run = Rig.mptsas().endedAt(" 1 s of 60", "-d 4 -t 60 -w 0.1 --json");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/ended_early").asBoolean()).isTrue();
        assertThat(json.at("/block_layer/ended_early").asBoolean()).isTrue();
        assertThat(json.at("/block_layer/seconds").asDouble()).isBetween(0.5, 50.0);
        assertThat(json.at("/block_layer/requests").asLong()).isPositive();
        assertThat(json.get("hardware").isNull()).isTrue();

        PerfRun words = Rig.mptsas().endedAt("on the bare device", "-d 4 -t 0.2 -w 0.1");
        assertThat(words.status()).as(words.err()).isZero();
        assertThat(words.out())
                .containsPattern("\nrequests +[0-9,]+ in [0-9.]+ s\n")
                .endsWith("\nended early: nothing was measured on the bare device\n");
    }

    @Test
    void tellsOfTheLoadsBeforeTheOneThatIsEndedEarly() throws Exception {
        String loads = "-t 0.2 -w 0 --loads randread:4k:1,read:4k:4,read:8k:4";
        PerfRun first = Rig.mptsas().endedAt("on the bare device", loads);
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.out().lines().skip(4).toList())
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(0)).matches("randread +4,096 +1( +-){3}( +[0-9,.]+){3}"))
                .endsWith("ended early, in load 1 of 3");

        PerfRun second = Rig.mptsas().endedAt("on the bare device.*through the block layer", loads + " --json");
        assertThat(second.status()).as(second.err()).isZero();
        assertThat(second.json().at("/ended_early").asBoolean()).isTrue();
        assertThat(second.json().path("loads")).singleElement().satisfies(load -> {
            assertThat(load.at("/ended_early").asBoolean()).isFalse();
            assertThat(load.at("/hardware/requests").asLong()).isPositive();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t 60 -w 60", "-t 60 -w 60 --loads read:4k:1,read:4k:4"})
    void saysSoWhenItIsEndedBeforeAnythingWasMeasured(String args) throws Exception {
        PerfRun run = Rig.mptsas().endedAt("warming up", args);

        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
        assertThat(run.out()).isEmpty();
        assertThat(run.errorLines()).last().isEqualTo("ringside: it was ended before anything was measured");
    }

    @Test
    void needsNoWarmUp() throws Exception {
        PerfRun run = Rig.mptsas().run("0", "--fill --loads read:4k:1");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.errorLines())
                .filteredOn("ringside: on the bare device"::equals)
                .hasSize(1);
        assertThat(run.errorLines()).contains("ringside: writing the range");
    }

    @Test
    void tellsOfCommandsThatFail() throws Exception {
        PerfRun single = Rig.simulated(5).run("-p read -d 2 --json");
        assertThat(single.status()).isEqualTo(ExitCode.FAILED);
        assertThat(single.json().at("/hardware/errors/io").asLong()).isPositive();
        assertThat(single.json().at("/hardware/errors/first").asString())
                .isEqualTo("a request of 4096 bytes: host status 0, SCSI status 02h");
        assertThat(single.json().at("/block_layer/errors/io").asLong()).isPositive();

        PerfRun table = Rig.simulated(5).run("--loads read:4k:2");
        assertThat(table.status()).isEqualTo(ExitCode.FAILED);
        assertThat(table.err()).contains("ringside: the first error: a request of 4096 bytes: host status 0");
    }

    @Test
    void refusesMoreThanTheAdapterTakes() throws Exception {
        assertThat(Rig.mptsas().run("-d 1024").errorLines())
                .last()
                .asString()
                .startsWith("ringside: a queue of the adapter takes ")
                .endsWith("--queue-depth and --block-size up to these are allowed");
        assertThat(Rig.simulated(-1).run("-b 512").errorLines())
                .containsExactly("ringside: --block-size 512: multiples of the disk's block of 4096 bytes are allowed");
        assertThat(Rig.simulated(-1).run("--range 1G --loads read:4k:1").status())
                .isEqualTo(ExitCode.USAGE);
    }
}
