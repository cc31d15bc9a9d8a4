package dev.ringside.bdev.nvme;

/** How Sanitize makes impossible to recover what was written (SANACT; base 2.0, 5.24). */
public enum SanitizeAction {
    BLOCK_ERASE(2, 1 << 1),
    /** Once, with zeroes. */
    OVERWRITE(3 | 1 << 4, 1 << 2),
    CRYPTO_ERASE(4, 1 << 0);

    private final int cdw10;
    private final int capability;

    SanitizeAction(int cdw10, int capability) {
        this.cdw10 = cdw10;
        this.capability = capability;
    }

    int cdw10() {
        return cdw10;
    }

    /** Whether a controller can, by its SANICAP. */
    boolean offered(int sanicap) {
        return (sanicap & capability) != 0;
    }
}
