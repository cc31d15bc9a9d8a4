/** The server on an AF_UNIX stream socket. */
@NullMarked
package dev.ringside.rpc.server;

import org.jspecify.annotations.NullMarked;
