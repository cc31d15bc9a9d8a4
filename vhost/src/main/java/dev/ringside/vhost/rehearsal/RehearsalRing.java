package dev.ringside.vhost.rehearsal;

/** The driver's side of a ring that carries the same requests again and again. */
interface RehearsalRing {
    /** Entries. */
    int size();

    /** What SET_VRING_BASE says for a fresh ring. */
    int base();

    /** Makes all requests available. */
    void submit();

    /** Whether all have come back. */
    boolean done();
}
