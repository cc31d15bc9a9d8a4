/** The composition root: what the daemon is made of, in which order it starts and stops. */
@NullMarked
package dev.ringside.daemon;

import org.jspecify.annotations.NullMarked;
