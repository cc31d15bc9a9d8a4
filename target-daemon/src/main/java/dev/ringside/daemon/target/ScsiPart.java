package dev.ringside.daemon.target;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A part of a SCSI disk, as an operator wants it.
 *
 * @param name of the bdev
 * @param device name of the disk, such as sda, or its stable name
 * @param offset in bytes
 * @param size in bytes; 0: to the end of the disk
 */
public record ScsiPart(String name, String device, long offset, long size) {
    private static final String NAME = "name";
    private static final String DEVICE = "device";
    private static final String OFFSET = "offset";
    private static final String SIZE = "size";

    /** The parameters of the call that makes it. */
    public ObjectNode params() {
        ObjectNode params = JsonNodeFactory.instance.objectNode();
        params.put(NAME, name);
        params.put(DEVICE, device);
        params.put(OFFSET, Long.toString(offset));
        if (size != 0) {
            params.put(SIZE, Long.toString(size));
        }
        return params;
    }

    /** The part that was made with these parameters. */
    static ScsiPart of(ObjectNode params) {
        return new ScsiPart(
                params.get(NAME).asString(),
                params.get(DEVICE).asString(),
                Long.parseLong(params.get(OFFSET).asString()),
                params.has(SIZE) ? Long.parseLong(params.get(SIZE).asString()) : 0);
    }
}
