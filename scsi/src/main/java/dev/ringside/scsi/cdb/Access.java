package dev.ringside.scsi.cdb;

/** What a command is to somebody else's reservation (SPC-5, 5.14.1, tables of commands that are allowed). */
public enum Access {
    /** Is allowed in the presence of any reservation. */
    ALWAYS,
    /** Is allowed by a write exclusive reservation, and conflicts with an exclusive access one. */
    READ,
    /** Conflicts with both. */
    WRITE,
    /** A PERSISTENT RESERVE OUT, which has rules of its own. */
    RESERVE_OUT,
    /** RESERVE and RELEASE of SPC-2, which conflict with every persistent reservation. */
    LEGACY_RESERVE
}
