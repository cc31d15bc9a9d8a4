package dev.ringside.daemon;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What architecture.md and style.md say about who may use what. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("testkit"))
            .importPackages("dev.ringside");

    /** Everything that runs for each request of a guest, on a reactor. */
    private static final Set<String> HOT = Set.of(
            "dev.ringside.bdev.BdevChannel",
            "dev.ringside.bdev.BdevIo",
            "dev.ringside.bdev.ChannelLimits",
            "dev.ringside.bdev.ChannelStats",
            "dev.ringside.bdev.ChannelTimes",
            "dev.ringside.bdev.IoTimes",
            "dev.ringside.bdev.ScatterList",
            "dev.ringside.bdev.SharedChannel",
            "dev.ringside.bdev.Splitter",
            "dev.ringside.bdev.fault.FaultChannel",
            "dev.ringside.bdev.fault.FaultRandom",
            "dev.ringside.bdev.fault.FaultRun",
            "dev.ringside.bdev.fault.HeldRequests",
            "dev.ringside.bdev.fault.LiveFault",
            "dev.ringside.bdev.fault.SpoiltRequest",
            "dev.ringside.bdev.file.BouncePool",
            "dev.ringside.bdev.latency.Histogram",
            "dev.ringside.bdev.latency.Spans",
            "dev.ringside.bdev.file.FileRequest",
            "dev.ringside.bdev.file.ReactorRing",
            "dev.ringside.bdev.malloc.MallocChannel",
            "dev.ringside.bdev.nvme.queue.CompletionQueue",
            "dev.ringside.bdev.nvme.queue.DataMapper",
            "dev.ringside.bdev.nvme.queue.DataPointer",
            "dev.ringside.bdev.nvme.queue.IoQueuePair",
            "dev.ringside.bdev.nvme.queue.NamespaceChannel",
            "dev.ringside.bdev.nvme.queue.NvmCommand",
            "dev.ringside.bdev.nvme.queue.QueueCounters",
            "dev.ringside.bdev.nvme.queue.SubmissionQueue",
            "dev.ringside.bdev.nvme.queue.Tracker",
            "dev.ringside.bdev.qos.QosBudget",
            "dev.ringside.bdev.qos.QosChannel",
            "dev.ringside.bdev.qos.RateBudget",
            "dev.ringside.bdev.stacked.StackedChannel",
            "dev.ringside.bdev.scsi.host.ScsiCommand",
            "dev.ringside.bdev.scsi.queue.ArrivalRing",
            "dev.ringside.bdev.scsi.queue.BlockCommand",
            "dev.ringside.bdev.scsi.queue.CommandSet",
            "dev.ringside.bdev.scsi.queue.DataCopy",
            "dev.ringside.bdev.scsi.queue.DepthControl",
            "dev.ringside.bdev.scsi.queue.DiskChannel",
            "dev.ringside.bdev.scsi.queue.HostQueue",
            "dev.ringside.bdev.scsi.queue.IoCommand",
            "dev.ringside.bdev.scsi.queue.Outcome",
            "dev.ringside.bdev.scsi.queue.QueueCounters",
            "dev.ringside.bdev.scsi.queue.QueueHub",
            "dev.ringside.bdev.scsi.queue.QueueShare",
            "dev.ringside.bdev.scsi.queue.UnitQueue",
            "dev.ringside.bdev.scsi.queue.Verdict",
            "dev.ringside.env.dma.DmaTranslation",
            "dev.ringside.env.uring.CompletionQueue",
            "dev.ringside.env.uring.SubmissionQueue",
            "dev.ringside.vhost.blk.BlkQueue",
            "dev.ringside.vhost.blk.BlkRequest",
            "dev.ringside.scsi.BigEndian",
            "dev.ringside.scsi.cdb.Cdb",
            "dev.ringside.vhost.scsi.BlockCommands",
            "dev.ringside.vhost.scsi.LunWay",
            "dev.ringside.vhost.scsi.RequestQueue",
            "dev.ringside.vhost.scsi.ScsiRequest",
            "dev.ringside.vhost.scsi.SenseWriter",
            "dev.ringside.vhost.scsi.VirtioLun",
            "dev.ringside.vhost.scsi.WriteFence",
            "dev.ringside.vhost.session.CallDelay");

    private static final DescribedPredicate<JavaClass> IS_HOT = describe(
            "run for each request",
            type -> type.getPackageName().equals("dev.ringside.vhost.queue") || HOT.contains(outermost(type)));

    private static final String[] EVERYBODY = {"java..", "org.jspecify..", "org.slf4j.."};

    @Test
    void theListOfHotClassesIsOfClassesThatThereAre() {
        assertThat(CLASSES.stream().map(JavaClass::getName)).containsAll(HOT);
    }

    @Test
    void dependenciesRunOneWay() {
        module("env");
        // What the block layer itself may not use of this is said below.
        module("bdev", "dev.ringside.env..", "dev.ringside.scsi..");
        module("bdev.nvme", "dev.ringside.env..", "dev.ringside.bdev");
        module("bdev.scsi", "dev.ringside.env..", "dev.ringside.bdev", "dev.ringside.scsi..");
        module("scsi");
        module("vhost", "dev.ringside.env..", "dev.ringside.scsi..", "dev.ringside.bdev..");
        module("rpc", "tools.jackson..", "jdk.net");
        module(
                "daemon",
                "dev.ringside.env..",
                "dev.ringside.bdev..",
                "dev.ringside.vhost..",
                "dev.ringside.rpc..",
                "com.sun.net.httpserver..",
                "jdk.jfr..",
                "tools.jackson..",
                "picocli..",
                "ch.qos.logback..");
    }

    @Test
    void theBlockLayerKnowsNoDriver() {
        noClasses()
                .that()
                .resideInAPackage("dev.ringside.bdev..")
                .and()
                .resideOutsideOfPackages("dev.ringside.bdev.nvme..", "dev.ringside.bdev.scsi..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.ringside.bdev.nvme..", "dev.ringside.bdev.scsi..", "dev.ringside.scsi..")
                .check(CLASSES);
    }

    @Test
    void packagesOfTheDaemonDoNotDependOnEachOtherInCircles() {
        SlicesRuleDefinition.slices()
                .matching("dev.ringside.daemon.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void nobodyReachesBehindTheJdk() {
        noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "are the JDK's own",
                        type -> resideInAnyPackage("sun..", "com.sun..", "jdk.internal..")
                                        .test(type)
                                && !resideInAnyPackage("com.sun.net.httpserver").test(type)))
                .check(CLASSES);
    }

    @Test
    void onlyEnvReachesNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ringside.env..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .orShould()
                .callMethodWhere(calls("java.lang.foreign.MemorySegment", "reinterpret"))
                .orShould()
                .callMethodWhere(calls("java.lang.foreign.AddressLayout", "withTargetLayout"))
                .orShould()
                .callMethodWhere(calls("java.lang.System", "load", "loadLibrary"))
                .check(CLASSES);
    }

    /** HotSpot ends the process if the memory that it compares vanishes (decision 5). */
    @Test
    void memoryIsComparedWhereItIsOurOwn() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.ringside.vhost.scsi.GuestData")
                .and()
                .doNotHaveFullyQualifiedName("dev.ringside.vhost.scsi.Sweeps")
                .should()
                .callMethodWhere(calls("java.lang.foreign.MemorySegment", "mismatch"))
                .check(CLASSES);
    }

    @Test
    void theDataPlaneUsesNothingThatAllocatesForEachRequest() {
        noClasses()
                .that(IS_HOT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.util.stream..",
                        "java.util.regex..",
                        "java.text..",
                        "java.time..",
                        "org.slf4j..",
                        "java.nio.file..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(Optional.*|HashMap|TreeMap|LinkedHashMap|HashSet|LinkedList)")
                .orShould()
                .callMethodWhere(calls("java.lang.String", "format", "formatted", "join", "split"))
                .orShould()
                .callMethodWhere(describe("boxes", ArchitectureTest::boxes))
                .check(CLASSES);
    }

    @Test
    void theDataPlaneIsMadeOfFinalClasses() {
        classes()
                .that(IS_HOT)
                .and()
                .areNotInterfaces()
                .and()
                .areNotAnonymousClasses()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .and()
                // The crash check puts its own in, which ends a queue's life at each store; production has no other.
                .doNotHaveFullyQualifiedName("dev.ringside.vhost.queue.InflightMemory")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(CLASSES);
    }

    private static void module(String name, String... others) {
        String own = "dev.ringside." + name + "..";
        String[] allowed = new String[others.length + EVERYBODY.length + 1];
        allowed[0] = own;
        System.arraycopy(others, 0, allowed, 1, others.length);
        System.arraycopy(EVERYBODY, 0, allowed, others.length + 1, EVERYBODY.length);
        classes()
                .that()
                .resideInAPackage(own)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaMethodCall> calls(String owner, String... names) {
        Set<String> wanted = Set.of(names);
        return describe(
                owner + " " + wanted,
                call -> call.getTargetOwner().getName().equals(owner)
                        && wanted.contains(call.getTarget().getName()));
    }

    private static boolean boxes(JavaMethodCall call) {
        return call.getTarget().getName().equals("valueOf")
                && call.getTargetOwner().getPackageName().equals("java.lang")
                && call.getTarget().getRawParameterTypes().stream().anyMatch(JavaClass::isPrimitive)
                && !prepares(call.getOrigin());
    }

    /** What makes an object, or text of one, does not run for a request. */
    private static boolean prepares(JavaCodeUnit unit) {
        return unit.isConstructor()
                || unit.getName().equals("toString")
                || unit.getName().equals("<clinit>");
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
