/** Load generators for vhost-user back ends and disks, and the limits of the machine that they run on. */
module dev.ringside.benchmarks {
    requires HdrHistogram;
    requires dev.ringside.daemon;
    requires dev.ringside.rpc;
    requires dev.ringside.testkit;
    requires info.picocli;
    requires tools.jackson.databind;
    requires static jmh.core;
    requires static org.jspecify;

    opens dev.ringside.benchmarks.cli to
            info.picocli;
}
