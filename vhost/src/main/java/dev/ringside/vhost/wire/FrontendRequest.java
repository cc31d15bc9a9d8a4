package dev.ringside.vhost.wire;

import java.util.Optional;

/**
 * The requests that a front end sends ("Front-end message types"), each with the payload sizes and the number of
 * descriptors that are well formed.
 */
public enum FrontendRequest {
    GET_FEATURES(1, 0),
    SET_FEATURES(2, 8),
    SET_OWNER(3, 0),
    RESET_OWNER(4, 0),
    SET_MEM_TABLE(
            5,
            MemoryTable.REGIONS,
            MemoryTable.REGIONS + MemoryTable.MAX_REGIONS * MemoryTable.REGION_BYTES,
            MemoryTable.MAX_REGIONS),
    SET_LOG_BASE(6, 8, 16, 1),
    SET_LOG_FD(7, 0, 8, 1),
    SET_VRING_NUM(8, VringState.BYTES),
    SET_VRING_ADDR(9, VringAddress.BYTES),
    SET_VRING_BASE(10, VringState.BYTES),
    GET_VRING_BASE(11, VringState.BYTES),
    SET_VRING_KICK(12, 8, 8, 1),
    SET_VRING_CALL(13, 8, 8, 1),
    SET_VRING_ERR(14, 8, 8, 1),
    GET_PROTOCOL_FEATURES(15, 0),
    SET_PROTOCOL_FEATURES(16, 8),
    GET_QUEUE_NUM(17, 0),
    SET_VRING_ENABLE(18, VringState.BYTES),
    SET_BACKEND_REQ_FD(21, 0, 8, 1),
    GET_CONFIG(24, ConfigSpace.DATA, ConfigSpace.DATA + ConfigSpace.MAX_DATA, 0),
    SET_CONFIG(25, ConfigSpace.DATA, ConfigSpace.DATA + ConfigSpace.MAX_DATA, 0),
    GET_INFLIGHT_FD(31, InflightDescription.UNPADDED_BYTES, InflightDescription.BYTES, 0),
    SET_INFLIGHT_FD(32, InflightDescription.UNPADDED_BYTES, InflightDescription.BYTES, 1),
    RESET_DEVICE(34, 0),
    GET_MAX_MEM_SLOTS(36, 0),
    ADD_MEM_REG(37, MemoryTable.REGIONS + MemoryTable.REGION_BYTES, MemoryTable.REGIONS + MemoryTable.REGION_BYTES, 1),
    REM_MEM_REG(38, MemoryTable.REGIONS + MemoryTable.REGION_BYTES, MemoryTable.REGIONS + MemoryTable.REGION_BYTES, 1),
    SET_STATUS(39, 8),
    GET_STATUS(40, 0),
    GET_VRING_BASE_SKIP_DRAIN(45, VringState.BYTES);

    /** Longest payload of any request, in bytes. */
    public static final int MAX_PAYLOAD = ConfigSpace.DATA + ConfigSpace.MAX_DATA;

    private static final FrontendRequest[] BY_CODE = new FrontendRequest[64];

    static {
        for (FrontendRequest request : values()) {
            BY_CODE[request.code] = request;
        }
    }

    private final int code;
    private final int minPayload;
    private final int maxPayload;
    private final int maxFds;

    FrontendRequest(int code, int payload) {
        this(code, payload, payload, 0);
    }

    FrontendRequest(int code, int minPayload, int maxPayload, int maxFds) {
        this.code = code;
        this.minPayload = minPayload;
        this.maxPayload = maxPayload;
        this.maxFds = maxFds;
    }

    /** The request of a code; empty if there is none that a block device meets. */
    public static Optional<FrontendRequest> of(int code) {
        return code >= 0 && code < BY_CODE.length ? Optional.ofNullable(BY_CODE[code]) : Optional.empty();
    }

    /** The code on the wire. */
    public int code() {
        return code;
    }

    /** Fewest bytes of payload. */
    public int minPayload() {
        return minPayload;
    }

    /** Most bytes of payload. */
    public int maxPayload() {
        return maxPayload;
    }

    /** Most descriptors in the ancillary data. */
    public int maxFds() {
        return maxFds;
    }
}
