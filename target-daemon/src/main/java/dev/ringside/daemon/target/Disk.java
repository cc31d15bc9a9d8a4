package dev.ringside.daemon.target;

import dev.ringside.bdev.Bdev;
import tools.jackson.databind.node.ObjectNode;

/**
 * A disk that an operator has made.
 *
 * @param params what makes the same disk again, with everything that was chosen for the operator; its name is "name"
 */
public record Disk(DiskKind kind, Bdev bdev, ObjectNode params) {}
