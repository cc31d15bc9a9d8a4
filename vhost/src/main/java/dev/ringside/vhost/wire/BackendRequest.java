package dev.ringside.vhost.wire;

/** The requests that a back end sends on the channel it was given with SET_BACKEND_REQ_FD ("Back-end message types"). */
public enum BackendRequest {
    /** The config space changed; the front end reads it again and tells the guest. */
    CONFIG_CHANGE_MSG(2);

    private final int code;

    BackendRequest(int code) {
        this.code = code;
    }

    /** The code on the wire. */
    public int code() {
        return code;
    }
}
