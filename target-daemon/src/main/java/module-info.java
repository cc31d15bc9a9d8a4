/** The daemon: command line, configuration, every RPC method. */
module dev.ringside.daemon {
    requires dev.ringside.bdev.nvme;
    requires dev.ringside.bdev.scsi;
    requires dev.ringside.vhost;
    requires dev.ringside.rpc;
    requires jdk.jfr;
    requires info.picocli;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires static org.jspecify;

    opens dev.ringside.daemon.cli to
            info.picocli;
}
