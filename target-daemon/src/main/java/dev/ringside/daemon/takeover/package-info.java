/**
 * Upgrades without downtime: one process hands disks, sockets and guests to another. What goes between them is described in
 * {@link dev.ringside.daemon.takeover.Step}.
 */
@NullMarked
package dev.ringside.daemon.takeover;

import org.jspecify.annotations.NullMarked;
