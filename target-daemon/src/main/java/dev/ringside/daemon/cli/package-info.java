/** The command line: one class for each command, thin, around the daemon and the RPC client. */
@NullMarked
package dev.ringside.daemon.cli;

import org.jspecify.annotations.NullMarked;
