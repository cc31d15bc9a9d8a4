/** What a method takes and returns, declared once; decoding and documents follow from it. */
@NullMarked
package dev.ringside.rpc.schema;

import org.jspecify.annotations.NullMarked;
