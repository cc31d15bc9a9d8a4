package dev.ringside.env.ffi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The constants of this class are offsets into a C structure: {@code IOV_BASE} is {@code offsetof(struct iovec, iov_base)},
 * {@code SIZE} is its size. A test compares them with the C headers.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface CStruct {
    /** {@return the structure as C spells it, such as "struct iovec"} */
    String value();
}
