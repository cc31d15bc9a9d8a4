package dev.ringside.env.reactor;

/**
 * A duty of a reactor. All methods are called by the reactor's thread only, and none may block, allocate in steady
 * state or throw for what a guest or a device did.
 */
public interface Poller {

    /**
     * Does the work that is there, up to a budget of the poller's own.
     *
     * @param nowNs the time of this turn of the loop, in ns of {@link System#nanoTime}
     * @return how much work was done; 0 when there was none
     */
    int poll(long nowNs);

    /**
     * Prepares for a sleep of the reactor: makes sure that new work ends it, through a descriptor given to
     * {@link Reactor#watch}, and looks once more for work that came before that was so.
     *
     * @return true if the reactor may sleep; false if work is there, or if nothing would end the sleep. The default is
     *     false: such a poller keeps its reactor spinning in every idle mode
     */
    default boolean arm() {
        return false;
    }

    /**
     * How long the reactor may sleep although nothing that was armed ends the sleep: until some work of the poller is due.
     * Asked after {@link #arm} has returned true.
     *
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     * @return in ns, at least 0; the default is {@link Long#MAX_VALUE}, for ever
     */
    default long longestSleepNs(long nowNs) {
        return Long.MAX_VALUE;
    }

    /** Ends what {@link #arm} began; called once after each call of it that returned true. */
    default void disarm() {}

    /**
     * Some memory that a poller of this reactor has mapped was taken away under an access (SIGBUS), and it is not known whose
     * it was: whoever has shared memory mapped checks it now.
     */
    default void memoryFault() {}
}
