package dev.ringside.rpc.codec;

/** What came is not JSON, or is more of it than allowed; the message says where and why. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean limit;

    private JsonException(String message, boolean limit) {
        super(message);
        this.limit = limit;
    }

    static JsonException malformed(String message) {
        return new JsonException(message, false);
    }

    static JsonException limit(String message) {
        return new JsonException(message, true);
    }

    /** Whether a limit was passed; else it is not JSON. */
    public boolean isLimit() {
        return limit;
    }
}
