package dev.ringside.bdev.scsi;

import java.io.IOException;

/** A device says that it will be ready later. */
final class NotReadyException extends IOException {
    private static final long serialVersionUID = 1L;

    NotReadyException(String message) {
        super(message);
    }
}
