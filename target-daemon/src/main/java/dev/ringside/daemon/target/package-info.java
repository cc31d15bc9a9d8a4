/** The parts that the RPC methods work on: reactors, disks, controllers, the start and the stop. */
@NullMarked
package dev.ringside.daemon.target;

import org.jspecify.annotations.NullMarked;
