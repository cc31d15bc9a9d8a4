package dev.ringside.daemon.rpc;

import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.daemon.target.Disk;
import tools.jackson.databind.node.ObjectNode;

/** What bdev_get_bdevs says of disks that are made of others, under the names that SPDK has for it. */
final class StackedJson {
    private StackedJson() {}

    static void driverSpecific(ObjectNode node, Disk disk, StackedBdev bdev) {
        switch (disk.kind()) {
            case PASSTHRU -> named(node.putObject("passthru"), bdev);
            case SPLIT -> {
                ObjectNode split = node.putObject("split");
                split.put("base_bdev", bdev.baseName());
                split.put("offset_blocks", bdev.firstBlock());
            }
            case DELAY -> {
                ObjectNode delay = node.putObject("delay");
                named(delay, bdev);
                DelayMethods.LATENCIES.forEach(
                        latency -> delay.set(latency, disk.params().get(latency)));
            }
            case ERROR -> node.putObject("error_disk").put("base_bdev", bdev.baseName());
            case MALLOC, NULL, AIO, URING, SCSI, NVME ->
                throw new IllegalStateException(disk.kind() + " is over no other disk");
        }
    }

    private static void named(ObjectNode node, StackedBdev bdev) {
        node.put("name", bdev.info().name());
        node.put("base_bdev_name", bdev.baseName());
    }
}
