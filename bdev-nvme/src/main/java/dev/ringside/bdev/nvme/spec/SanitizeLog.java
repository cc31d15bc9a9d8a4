package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u16;

import java.lang.foreign.MemorySegment;

/**
 * How far a drive is with being sanitized (base 2.0, 5.16.1.16).
 *
 * @param progress in 65,536ths; 65,535 when nothing is going on
 * @param status how the last one went
 */
public record SanitizeLog(int progress, Status status) {

    /** Bytes of the data structure. */
    public static final int SIZE = 512;

    /** SSTAT, bits 2:0. */
    public enum Status {
        NEVER,
        DONE,
        RUNNING,
        FAILED;

        @Override
        public String toString() {
            return switch (this) {
                case NEVER -> "never";
                case DONE -> "done";
                case RUNNING -> "running";
                case FAILED -> "failed";
            };
        }
    }

    /** Reads the data structure. */
    public static SanitizeLog read(MemorySegment data) {
        Status status = switch (u16(data, 2) & 7) {
            case 0 -> Status.NEVER;
            case 2 -> Status.RUNNING;
            case 3 -> Status.FAILED;
            default -> Status.DONE;
        };
        return new SanitizeLog(u16(data, 0), status);
    }
}
