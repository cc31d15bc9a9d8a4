package dev.ringside.bdev.nvme;

/** What Format NVM does to what was written (SES; base 2.0, 5.14), by its number. */
public enum SecureErase {
    /** Nothing that is said: it may be read with some effort. */
    NONE,
    /** All of it is erased. */
    USER_DATA,
    /** The key that it was encrypted with is thrown away. */
    CRYPTO;
}
