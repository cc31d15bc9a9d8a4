package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.util.ArrayList;
import java.util.List;

/**
 * What a session sets out to be.
 *
 * @param careful whether a buffer is what it is from when it is offered until it comes back, and no other message is sent than
 *     those after which the back end goes on where it was
 * @param refused virtio features that it does not accept though they are offered
 * @param refusedProtocol protocol features that it does not accept
 * @param sizes entries of each ring
 * @param tracking where requests in flight are tracked
 * @param slots whether memory is told region by region
 * @param acknowledged whether refusals are answered; otherwise they end the session
 * @param kicked whether new requests are told of by eventfd; otherwise the back end polls
 * @param shuffled whether the messages that set up a ring come in any order
 */
record Plan(
        RingFormat format,
        boolean careful,
        long refused,
        long refusedProtocol,
        List<Integer> sizes,
        Tracking tracking,
        boolean slots,
        boolean acknowledged,
        boolean kicked,
        boolean shuffled) {

    /** Where requests in flight are tracked. */
    enum Tracking {
        /** Nowhere. */
        NONE,
        /** In a region that the back end made. */
        FRESH,
        /** In a region that looks as if another back end had been killed. */
        CRAFTED,
        /** In a region full of anything. */
        GARBAGE
    }

    /** What a driver may as well do without. */
    private static final long OPTIONAL = VirtioFeature.RING_INDIRECT_DESC
            | VirtioFeature.RING_EVENT_IDX
            | VirtioFeature.IN_ORDER
            | VirtioFeature.NOTIFICATION_DATA
            | VirtioFeature.RING_RESET;

    /** After these, requests that a ring had when it stopped are done when it runs again, perhaps with other contents. */
    private static final long SUSPENSION =
            ProtocolFeature.GET_VRING_BASE_INFLIGHT | ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN;

    /**
     * Draws one.
     *
     * @param fewest rings, of which there may be two more
     */
    static Plan draw(Dice dice, int fewest) {
        RingFormat format = dice.coin() ? RingFormat.SPLIT : RingFormat.PACKED;
        List<Integer> sizes = new ArrayList<>();
        sizes.add(dice.oneIn(24) ? dice.pick(2048, 4096, 32_768) : size(dice, format));
        while (sizes.size() < fewest || (sizes.size() < fewest + 2 && dice.coin())) {
            // The large one is the last: of a SCSI device the first are not for many.
            sizes.addFirst(size(dice, format));
        }
        long refused = VirtioFeature.LOG_ALL;
        refused |= dice.coin() ? dice.any() & OPTIONAL : 0;
        refused |= format == RingFormat.SPLIT ? VirtioFeature.RING_PACKED : 0;
        refused |= dice.oneIn(8) ? dice.any() & 0xffff : 0;
        refused |= dice.oneIn(16) ? VirtioFeature.PROTOCOL_FEATURES : 0;
        boolean careful = !dice.bends() && dice.coin();
        return new Plan(
                format,
                careful,
                refused,
                careful || dice.coin() ? SUSPENSION : dice.any() & ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN,
                sizes,
                tracking(dice, careful),
                dice.oneIn(4),
                !dice.oneIn(6),
                !dice.oneIn(5),
                dice.oneIn(4));
    }

    private static Tracking tracking(Dice dice, boolean careful) {
        if (dice.oneIn(3)) {
            return Tracking.NONE;
        }
        return switch (careful ? 0 : dice.below(4)) {
            case 0 -> Tracking.FRESH;
            case 1 -> Tracking.GARBAGE;
            default -> Tracking.CRAFTED;
        };
    }

    private static int size(Dice dice, RingFormat format) {
        int power = 1 << dice.below(8);
        return switch (format) {
            case SPLIT -> power;
            case PACKED -> dice.coin() ? power : 1 + dice.below(100);
        };
    }
}
