package dev.ringside.rpc.codec;

import java.util.IdentityHashMap;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One value of a stream.
 *
 * @param value the value; of members with the same name the last one stands
 * @param length its length on the wire, in bytes
 * @param duplicates by identity: for each object in it that repeats a name, the first such name
 */
public record DecodedValue(JsonNode value, int length, IdentityHashMap<JsonNode, String> duplicates) {

    /** The name that this very object repeats, not looking deeper. */
    public Optional<String> duplicateIn(JsonNode object) {
        return Optional.ofNullable(duplicates.get(object));
    }

    /** The name that is repeated in this object or array or in anything below. */
    public Optional<String> duplicateBelow(JsonNode root) {
        if (duplicates.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> own = duplicateIn(root);
        if (own.isPresent()) {
            return own;
        }
        for (JsonNode child : root.values()) {
            Optional<String> below = duplicateBelow(child);
            if (below.isPresent()) {
                return below;
            }
        }
        return Optional.empty();
    }
}
