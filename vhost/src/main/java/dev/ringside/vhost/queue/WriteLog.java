package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.DirtyLog;

/**
 * Where a queue reports what it writes while its guest is migrated.
 *
 * @param dirty the bitmap
 * @param descriptors guest-physical address of the descriptor area, which a packed queue writes
 * @param device guest-physical address of the device area
 */
public record WriteLog(DirtyLog dirty, long descriptors, long device) {}
