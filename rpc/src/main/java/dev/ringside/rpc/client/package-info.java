/** The blocking client that the command line uses. */
@NullMarked
package dev.ringside.rpc.client;

import org.jspecify.annotations.NullMarked;
