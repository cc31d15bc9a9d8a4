/** The driver side of everything that Ringside serves, for tests, fuzzers and benchmarks. */
module dev.ringside.testkit {
    requires java.management;
    requires jdk.management;
    requires org.assertj.core;
    requires transitive dev.ringside.bdev.nvme;
    requires transitive dev.ringside.bdev.scsi;
    requires transitive dev.ringside.vhost;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports dev.ringside.testkit.bdev;
    exports dev.ringside.testkit.dma;
    exports dev.ringside.testkit.frontend;
    exports dev.ringside.testkit.fuzz;
    exports dev.ringside.testkit.mpt3sas;
    exports dev.ringside.testkit.mptsas;
    exports dev.ringside.testkit.nvme;
    exports dev.ringside.testkit.proxy;
    exports dev.ringside.testkit.queue;
    exports dev.ringside.testkit.reactor;
    exports dev.ringside.testkit.scsi;
}
