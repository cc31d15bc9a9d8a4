package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.load.BdevSetting;
import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.benchmarks.load.HardwareSetting;
import dev.ringside.benchmarks.load.LoadSetting;
import dev.ringside.benchmarks.load.RingSetting;
import dev.ringside.vhost.queue.RingFormat;
import tools.jackson.databind.node.ObjectNode;

/** How requests got to what was loaded, for people and for scripts. */
final class SettingText {
    private SettingText() {}

    /** In words. */
    static String of(LoadSetting setting) {
        return switch (setting) {
            case RingSetting ring -> rings(ring);
            case BdevSetting bdev -> "in this process: " + bdev.product() + ", blocks of " + bdev.blockSize();
            case HardwareSetting hardware ->
                "bare queues: " + hardware.product() + ", blocks of " + hardware.blockSize();
        };
    }

    private static String rings(RingSetting ring) {
        String unit = switch (ring.disk()) {
            case DiskAddress.Blk blk -> "";
            case DiskAddress.Scsi scsi -> "target " + scsi.target() + " logical unit " + scsi.lun() + ", ";
        };
        return unit
                + format(ring.format()) + " ring of " + ring.entries()
                + (ring.calls() ? ", calls" : ", polling")
                + (ring.kicks() ? "" : ", no kicks")
                + (ring.indirect() ? ", indirect" : "")
                + (ring.tracked() ? ", in-flight region" : "");
    }

    private static String format(RingFormat format) {
        return switch (format) {
            case SPLIT -> "split";
            case PACKED -> "packed";
        };
    }

    /** Into an object. */
    static void put(ObjectNode json, LoadSetting setting) {
        switch (setting) {
            case RingSetting ring -> putRings(json, ring);
            case BdevSetting bdev -> putDisk(json, "bdev", bdev.product(), bdev.blockSize());
            case HardwareSetting hardware -> putDisk(json, "hw", hardware.product(), hardware.blockSize());
        }
    }

    private static void putDisk(ObjectNode json, String device, String product, int blockSize) {
        json.put("device", device);
        json.put("product", product);
        json.put("logical_block_size", blockSize);
    }

    private static void putRings(ObjectNode json, RingSetting ring) {
        json.put("device", ring.disk().device());
        if (ring.disk() instanceof DiskAddress.Scsi unit) {
            json.put("target", unit.target());
            json.put("lun", unit.lun());
        }
        json.put("ring", format(ring.format()));
        json.put("ring_entries", ring.entries());
        json.put("indirect", ring.indirect());
        json.put("event_idx", ring.eventIdx());
        json.put("calls", ring.calls());
        json.put("kicks", ring.kicks());
        json.put("inflight", ring.tracked());
    }
}
