/** What the daemon writes to stderr, and how that is switched while it runs. */
@NullMarked
package dev.ringside.daemon.log;

import org.jspecify.annotations.NullMarked;
