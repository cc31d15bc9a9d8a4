/** Parts of the daemon for other programs of this project, in their own process. */
@NullMarked
package dev.ringside.daemon.embedded;

import org.jspecify.annotations.NullMarked;
