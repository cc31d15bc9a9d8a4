package dev.ringside.daemon.target;

import dev.ringside.daemon.target.ScsiParts.Part;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Parts of SCSI disks as the parameters of the call that makes them. */
public final class PartParams {
    private PartParams() {}

    /** The parameters. */
    public static ObjectNode of(Part part) {
        ObjectNode params = JsonNodeFactory.instance.objectNode();
        params.put("name", part.name());
        params.put("device", part.device());
        params.put("offset", Long.toString(part.offset()));
        if (part.size() != 0) {
            params.put("size", Long.toString(part.size()));
        }
        if (part.waits()) {
            params.put("wait", true);
        }
        return params;
    }

    static Part parse(ObjectNode params) {
        return new Part(
                params.get("name").asString(),
                params.get("device").asString(),
                Long.parseLong(params.get("offset").asString()),
                params.has("size") ? Long.parseLong(params.get("size").asString()) : 0,
                params.has("wait"));
    }
}
