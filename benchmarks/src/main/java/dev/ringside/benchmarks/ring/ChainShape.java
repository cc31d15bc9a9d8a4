package dev.ringside.benchmarks.ring;

import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.scsi.ScsiLayout;

/** The three buffers of a request, as its kind of device orders them: header, data, and the device's answer. */
public enum ChainShape {
    /** virtio 1.2, 5.2.6: header, data in either direction, status byte. */
    BLK(BlkLayout.HEADER_BYTES, 1, false),
    /** virtio 1.2, 5.6.6.1: header, data out, response, data in. */
    SCSI(ScsiLayout.REQUEST_BYTES, ScsiLayout.RESPONSE_BYTES, true);

    private final int headerBytes;
    private final int answerBytes;
    private final boolean answerBeforeDataIn;

    ChainShape(int headerBytes, int answerBytes, boolean answerBeforeDataIn) {
        this.headerBytes = headerBytes;
        this.answerBytes = answerBytes;
        this.answerBeforeDataIn = answerBeforeDataIn;
    }

    /** Bytes that the device reads first. */
    int headerBytes() {
        return headerBytes;
    }

    /** Bytes that the device writes besides the data. */
    int answerBytes() {
        return answerBytes;
    }

    /** Whether data that the device writes comes last; data that it reads never does. */
    boolean answerBeforeDataIn() {
        return answerBeforeDataIn;
    }
}
