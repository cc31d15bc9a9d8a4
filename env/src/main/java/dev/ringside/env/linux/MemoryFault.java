package dev.ringside.env.linux;

/**
 * Faults of mapped memory that others can take away. Code that is not compiled throws them where they happen; compiled code goes
 * on with whatever it has read, and throws at one of the next points at which the thread can be stopped, which may be in a
 * method that has touched nothing and is not prepared for it.
 */
public final class MemoryFault {
    /** Read each time, and no constant, so that no compiler knows how often it goes round. */
    private static volatile int laps = 2;

    private MemoryFault() {}

    /**
     * Ends what may throw for the memory that the calling thread has touched: a fault that it does not know of yet is thrown
     * here. To be called inside of each {@code try} that is there for such faults, at its end, and before steps that must not be
     * left half done. It costs less than a nanosecond: the jump back of a loop is a point at which a thread can be stopped, and
     * where it is told.
     *
     * @throws InternalError if memory was not there
     */
    public static void settle() {
        int lap = 0;
        do {
            lap++;
        } while (lap < laps);
    }
}
