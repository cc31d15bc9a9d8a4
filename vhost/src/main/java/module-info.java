/** The vhost-user back end: protocol, virtqueues, virtio devices. */
module dev.ringside.vhost {
    requires transitive dev.ringside.bdev;
    requires transitive dev.ringside.scsi;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.ringside.vhost;
    exports dev.ringside.vhost.blk;
    exports dev.ringside.vhost.device;
    exports dev.ringside.vhost.memory;
    exports dev.ringside.vhost.queue;
    exports dev.ringside.vhost.rehearsal;
    exports dev.ringside.vhost.scsi;
    exports dev.ringside.vhost.scsi.unit;
    exports dev.ringside.vhost.session;
    exports dev.ringside.vhost.wire;
}
