/** NVMe drives, driven from user space, as block devices. */
module dev.ringside.bdev.nvme {
    requires transitive dev.ringside.bdev;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.ringside.bdev.nvme;
    exports dev.ringside.bdev.nvme.queue;
    exports dev.ringside.bdev.nvme.spec;
}
