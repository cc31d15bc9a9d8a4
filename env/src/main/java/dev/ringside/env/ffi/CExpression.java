package dev.ringside.env.ffi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** This constant has the value of a C expression. A test compares it with the C headers. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface CExpression {
    /** {@return the expression, such as "offsetof(struct io_uring_params, sq_off.head)"} */
    String value();
}
