/** Load generator for vhost-user back ends, and the limits of the machine that it runs on. */
module dev.ringside.benchmarks {
    requires HdrHistogram;
    requires dev.ringside.rpc;
    requires dev.ringside.testkit;
    requires info.picocli;
    requires tools.jackson.databind;
    requires static jmh.core;
    requires static org.jspecify;

    opens dev.ringside.benchmarks.cli to
            info.picocli;
}
