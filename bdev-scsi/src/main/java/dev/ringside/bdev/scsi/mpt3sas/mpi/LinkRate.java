package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * Rates of links in SAS pages (mpi2_cnfg.h).
 *
 * <pre>
 *   NegotiatedLinkRate:              bits 3 to 0 physical  bits 7 to 4 logical
 *   HwLinkRate, ProgrammedLinkRate:  bits 3 to 0 least     bits 7 to 4 most
 * </pre>
 */
public final class LinkRate {
    public static final int MASK_PHYSICAL = 0x0f;
    public static final int MAX_SHIFT = 4;

    public static final int RATE_6_0 = 0x0a;

    private LinkRate() {}

    /** NegotiatedLinkRate of a link without multiplexing: the logical link is as fast as the physical one. */
    public static int negotiated(int rate) {
        return rate << MAX_SHIFT | rate;
    }

    /** A rate in Mbit/s; 0 if it is none, but the reason why there is no link. */
    public static int mbps(int rate) {
        return switch (rate) {
            case Event.LINK_RATE_1_5 -> 1_500;
            case 0x09 -> 3_000;
            case RATE_6_0 -> 6_000;
            case Event.LINK_RATE_12_0 -> 12_000;
            case 0x0c -> 22_500;
            default -> 0;
        };
    }
}
