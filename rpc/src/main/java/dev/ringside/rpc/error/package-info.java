/** What goes wrong, as JSON-RPC errors. */
@NullMarked
package dev.ringside.rpc.error;

import org.jspecify.annotations.NullMarked;
