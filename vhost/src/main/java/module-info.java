/** The vhost-user back end: protocol, virtqueues, virtio devices. */
module dev.ringside.vhost {
    requires transitive dev.ringside.bdev;
    requires static transitive org.jspecify;
    requires org.slf4j;
}
