/** The block layer: contract, registry, channels, statistics, software bdevs. */
module dev.ringside.bdev {
    requires transitive dev.ringside.env;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.ringside.bdev;
    exports dev.ringside.bdev.fault;
    exports dev.ringside.bdev.file;
    exports dev.ringside.bdev.latency;
    exports dev.ringside.bdev.malloc;
    exports dev.ringside.bdev.nulldisk;
    exports dev.ringside.bdev.qos;
    exports dev.ringside.bdev.stacked;
}
