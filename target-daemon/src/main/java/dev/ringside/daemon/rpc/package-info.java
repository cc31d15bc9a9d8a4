/** The RPC methods, one class for each family: what they take, and what they do. */
@NullMarked
package dev.ringside.daemon.rpc;

import org.jspecify.annotations.NullMarked;
