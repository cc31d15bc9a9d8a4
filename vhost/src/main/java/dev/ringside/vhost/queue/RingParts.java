package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;

/**
 * Where a ring is in memory, under the names that both formats share (virtio 1.2, 2.6). Each segment is exactly as long as
 * {@link SplitLayout} or {@link PackedLayout} says, and aligned as it says.
 *
 * @param descriptors descriptor area: the descriptor table, or the descriptor ring
 * @param driver driver area: the available ring, or the driver's event suppression
 * @param device device area: the used ring, or the device's event suppression
 */
public record RingParts(MemorySegment descriptors, MemorySegment driver, MemorySegment device) {}
