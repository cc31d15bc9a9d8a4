/** The driver side of everything that Ringside serves, for tests, fuzzers and benchmarks. */
module dev.ringside.testkit {
    requires transitive dev.ringside.vhost;
    requires transitive dev.ringside.bdev;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;
    requires java.management;
    requires jdk.management;
    requires org.assertj.core;

    exports dev.ringside.testkit.bdev;
    exports dev.ringside.testkit.reactor;
}
