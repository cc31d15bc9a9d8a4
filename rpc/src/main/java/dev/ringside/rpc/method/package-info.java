/** Methods by name: specification, handler, state. */
@NullMarked
package dev.ringside.rpc.method;

import org.jspecify.annotations.NullMarked;
