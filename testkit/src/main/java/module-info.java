/** The driver side of everything that Ringside serves, for tests, fuzzers and benchmarks. */
module dev.ringside.testkit {
    requires transitive dev.ringside.vhost;
    requires static transitive org.jspecify;

    exports dev.ringside.testkit.frontend;
    exports dev.ringside.testkit.queue;
}
