package dev.ringside.vhost.session;

import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.ProtocolFeature;

/** What a session and its front end have agreed on. Owned by the session's thread. */
final class Negotiation {
    private static final long TRANSPORT_FEATURES = VirtioFeature.VERSION_1
            | VirtioFeature.ANY_LAYOUT
            | VirtioFeature.RING_INDIRECT_DESC
            | VirtioFeature.RING_EVENT_IDX
            | VirtioFeature.LOG_ALL
            | VirtioFeature.NOTIFICATION_DATA
            | VirtioFeature.RING_RESET
            | VirtioFeature.PROTOCOL_FEATURES;

    private static final long PROTOCOL_FEATURES = ProtocolFeature.MQ
            | ProtocolFeature.REPLY_ACK
            | ProtocolFeature.BACKEND_REQ
            | ProtocolFeature.CONFIG
            | ProtocolFeature.INFLIGHT_SHMFD
            | ProtocolFeature.LOG_SHMFD
            | ProtocolFeature.CONFIGURE_MEM_SLOTS
            | ProtocolFeature.RESET_DEVICE
            | ProtocolFeature.STATUS
            | ProtocolFeature.GET_VRING_BASE_INFLIGHT
            | ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN;

    private final long offered;
    private long features;
    private long protocolFeatures;

    Negotiation(long deviceFeatures) {
        offered = deviceFeatures | TRANSPORT_FEATURES;
    }

    long offered() {
        return offered;
    }

    long offeredProtocol() {
        return PROTOCOL_FEATURES;
    }

    /** The virtio features in force. */
    long features() {
        return features;
    }

    /** The format of rings that start now. */
    RingFormat format() {
        return RingFormat.of(features);
    }

    /** The protocol features in force. */
    long protocolFeatures() {
        return protocolFeatures;
    }

    void accept(long wanted) throws ProtocolException {
        requireOffered("SET_FEATURES", wanted, offered);
        features = wanted;
    }

    void acceptProtocol(long wanted) throws ProtocolException {
        requireOffered("SET_PROTOCOL_FEATURES", wanted, PROTOCOL_FEATURES);
        requireWith(wanted, ProtocolFeature.GET_VRING_BASE_INFLIGHT, ProtocolFeature.INFLIGHT_SHMFD);
        requireWith(wanted, ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN, ProtocolFeature.GET_VRING_BASE_INFLIGHT);
        protocolFeatures = wanted;
    }

    /** No virtio feature is in force, as before they were negotiated; those of the protocol stay. */
    void resetFeatures() {
        features = 0;
    }

    /** Whether a request stops a ring at once, with its requests in flight left to whoever starts it again. */
    boolean suspends(FrontendRequest request) {
        return request == FrontendRequest.GET_VRING_BASE_SKIP_DRAIN
                || (has(ProtocolFeature.GET_VRING_BASE_INFLIGHT) && !has(ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN));
    }

    boolean has(long protocolFeature) {
        return (protocolFeatures & protocolFeature) != 0;
    }

    /** The feature gate: refuses a request whose protocol feature was not negotiated, or that is not offered at all. */
    void requireAllowed(FrontendRequest request) throws ProtocolException {
        long needed = switch (request) {
            case GET_FEATURES,
                    SET_FEATURES,
                    SET_OWNER,
                    RESET_OWNER,
                    SET_MEM_TABLE,
                    SET_VRING_NUM,
                    SET_VRING_ADDR,
                    SET_VRING_BASE,
                    GET_VRING_BASE,
                    SET_VRING_KICK,
                    SET_VRING_CALL,
                    SET_VRING_ERR,
                    GET_PROTOCOL_FEATURES,
                    SET_PROTOCOL_FEATURES,
                    SET_VRING_ENABLE -> 0;
            case GET_QUEUE_NUM -> ProtocolFeature.MQ;
            case SET_BACKEND_REQ_FD -> ProtocolFeature.BACKEND_REQ;
            case GET_CONFIG, SET_CONFIG -> ProtocolFeature.CONFIG;
            case GET_MAX_MEM_SLOTS, ADD_MEM_REG, REM_MEM_REG -> ProtocolFeature.CONFIGURE_MEM_SLOTS;
            case SET_LOG_BASE, SET_LOG_FD -> ProtocolFeature.LOG_SHMFD;
            case GET_INFLIGHT_FD, SET_INFLIGHT_FD -> ProtocolFeature.INFLIGHT_SHMFD;
            case RESET_DEVICE -> ProtocolFeature.RESET_DEVICE;
            case SET_STATUS, GET_STATUS -> ProtocolFeature.STATUS;
            case GET_VRING_BASE_SKIP_DRAIN -> ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN;
        };
        if (needed != 0 && !has(needed)) {
            throw new ProtocolException(String.format(
                    "%s needs protocol feature bit %d, which was not negotiated",
                    request, Long.numberOfTrailingZeros(needed)));
        }
    }

    private static void requireWith(long wanted, long feature, long needed) throws ProtocolException {
        if ((wanted & feature) != 0 && (wanted & needed) == 0) {
            throw new ProtocolException(String.format(
                    "SET_PROTOCOL_FEATURES with bit %d, which needs bit %d",
                    Long.numberOfTrailingZeros(feature), Long.numberOfTrailingZeros(needed)));
        }
    }

    private static void requireOffered(String request, long wanted, long offered) throws ProtocolException {
        if ((wanted & ~offered) != 0) {
            throw new ProtocolException(String.format(
                    "%s with bits 0x%x that are not offered; 0x%x is allowed", request, wanted & ~offered, offered));
        }
    }
}
