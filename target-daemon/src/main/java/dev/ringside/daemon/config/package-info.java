/** Configuration files in SPDK's layout: reading them, and moving them through a running daemon. */
@NullMarked
package dev.ringside.daemon.config;

import org.jspecify.annotations.NullMarked;
