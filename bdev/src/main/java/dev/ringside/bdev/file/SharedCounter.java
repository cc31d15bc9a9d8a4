package dev.ringside.bdev.file;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A number that one thread counts and any thread reads. */
final class SharedCounter {
    private static final VarHandle COUNT = handle();

    @SuppressWarnings("UnusedVariable") // through COUNT
    private long count;

    void increment() {
        COUNT.setOpaque(this, (long) COUNT.getOpaque(this) + 1);
    }

    long get() {
        return (long) COUNT.getOpaque(this);
    }

    private static VarHandle handle() {
        try {
            return MethodHandles.lookup().findVarHandle(SharedCounter.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
