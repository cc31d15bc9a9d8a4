package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.scsi.LunAddress;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code perf vhost} that are about the front end, as words; the methods make sense of them. */
final class VhostOptions {
    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description = "The vhost-user socket of the disk.")
    @Nullable
    Path socket;

    @Option(
            names = "--self-test",
            description = "Load an echo in this process instead, which ends everything at once: the tool's own cost.")
    boolean selfTest;

    @Option(
            names = "--device",
            paramLabel = "KIND",
            defaultValue = "blk",
            description = "What is behind the socket: blk or scsi. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--target",
            paramLabel = "N",
            description = "The target of a SCSI device: 0 to " + (ScsiLayout.TARGETS - 1) + ". Default: 0.")
    private @Nullable String target;

    @Option(
            names = "--lun",
            paramLabel = "N",
            description = "The logical unit of the target: 0 to " + LunAddress.MAX_LUN + ". Default: 0.")
    private @Nullable String lun;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads that drive the queues, in turn if they are fewer: 1 to the number of queues. Default: a"
                            + " thread for each queue.")
    private @Nullable String threads;

    @Option(
            names = "--ring",
            paramLabel = "FORMAT",
            defaultValue = "split",
            description = "Format of the rings: split or packed. Default: ${DEFAULT-VALUE}.")
    private String ring;

    @Option(
            names = "--inflight",
            paramLabel = "on|off",
            defaultValue = "off",
            description =
                    "Whether the back end is given a region to keep account in of what is in flight, as QEMU gives"
                            + " it. Default: ${DEFAULT-VALUE}.")
    private String inflight;

    @Option(
            names = "--calls",
            paramLabel = "on|off",
            defaultValue = "off",
            description = "Whether to sleep until the back end calls, or to poll. Default: ${DEFAULT-VALUE}.")
    private String calls;

    @Option(
            names = "--kicks",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether the back end is given something to be woken with; off: it has to poll."
                    + " Default: ${DEFAULT-VALUE}.")
    private String kicks;

    @Option(
            names = "--indirect",
            paramLabel = "on|off",
            defaultValue = "off",
            description = "Whether to put each request into an indirect table. Default: ${DEFAULT-VALUE}.")
    private String indirect;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description = "The process whose processor time is told. Default: the one that made the socket.")
    private @Nullable String serverPid;

    /** An {@link IllegalArgumentException} if options do not go together. */
    void requireFit() {
        if (selfTest == (socket != null)) {
            throw new IllegalArgumentException("one of --socket PATH and --self-test is needed, and not both");
        }
        if (selfTest && (calls() || inflight() || serverPid != null)) {
            throw new IllegalArgumentException(
                    "--calls on, --inflight on and --server-pid go with a disk, not with --self-test");
        }
        if (disk() instanceof DiskAddress.Scsi && selfTest) {
            throw new IllegalArgumentException("--device goes with a disk: --self-test is of a block device");
        }
    }

    /** The disk behind the socket. */
    DiskAddress disk() {
        return switch (device) {
            case "blk" -> {
                if (target != null || lun != null) {
                    throw new IllegalArgumentException("--target and --lun go with --device scsi");
                }
                yield new DiskAddress.Blk();
            }
            case "scsi" ->
                new DiskAddress.Scsi(
                        target == null ? 0 : (int) OptionValue.count("--target", target, 0, ScsiLayout.TARGETS - 1),
                        lun == null ? 0 : (int) OptionValue.count("--lun", lun, 0, LunAddress.MAX_LUN));
            default -> throw OptionValue.wrong("--device", device, "blk and scsi are allowed");
        };
    }

    /** How many threads drive the queues. */
    int threads(int queues) {
        int count = threads == null ? queues : (int) OptionValue.count("--threads", threads, 1, queues);
        if (count < queues && calls()) {
            throw OptionValue.wrong(
                    "--threads", String.valueOf(count), "with --calls on a thread for each queue is allowed");
        }
        return count;
    }

    boolean calls() {
        return OptionValue.onOff("--calls", calls);
    }

    boolean kicks() {
        return OptionValue.onOff("--kicks", kicks);
    }

    boolean indirect() {
        return OptionValue.onOff("--indirect", indirect);
    }

    boolean inflight() {
        return OptionValue.onOff("--inflight", inflight);
    }

    RingFormat ring() {
        return switch (ring) {
            case "split" -> RingFormat.SPLIT;
            case "packed" -> RingFormat.PACKED;
            default -> throw OptionValue.wrong("--ring", ring, "split and packed are allowed");
        };
    }

    /** The process that was named, or 0. */
    int serverPid() {
        return serverPid == null ? 0 : (int) OptionValue.count("--server-pid", serverPid, 1, Integer.MAX_VALUE);
    }
}
