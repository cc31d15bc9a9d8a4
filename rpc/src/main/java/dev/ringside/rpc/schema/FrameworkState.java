package dev.ringside.rpc.schema;

/** How far the daemon is; each method says in which of these it may be called. */
public enum FrameworkState {
    /** Before framework_start_init, when the daemon was started with --wait-for-rpc. */
    STARTUP,
    /** After framework_start_init: the normal state. */
    RUNTIME
}
