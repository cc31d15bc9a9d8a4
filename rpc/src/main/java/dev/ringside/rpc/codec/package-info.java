/** JSON values on a byte stream: splitting, limits, strictness, ASCII output. */
@NullMarked
package dev.ringside.rpc.codec;

import org.jspecify.annotations.NullMarked;
