package dev.ringside.vhost.session;

/**
 * How often the rings of a controller may call their drivers: set on the control plane, read by the rings' reactors.
 * Without a delay every driver is called as soon as it wants to be. Any thread.
 */
public final class CallPace {
    /** Longest delay that can be set, in µs; it is also the most that a call is ever held back. */
    public static final int MOST_DELAY_US = 10_000;
    /** Fewest requests a second from which on calls are held back: one in each interval. */
    public static final int LEAST_IOPS = 100;

    private volatile Setting setting = new Setting(0, 0);

    /**
     * A ring that completes more requests than the threshold has calls at least the delay apart, multiplied by how many times
     * the threshold was exceeded.
     *
     * @param delayBaseUs 0 to {@link #MOST_DELAY_US} µs; 0: calls are never held back
     * @param iopsThreshold requests a second on a ring; at least {@link #LEAST_IOPS}, or 0 without a delay
     */
    public record Setting(int delayBaseUs, int iopsThreshold) {}

    /** Makes one without a delay. */
    public CallPace() {}

    /** What is set now. */
    public Setting setting() {
        return setting;
    }

    /** Sets it for all rings, from their next turn on. */
    public void set(Setting next) {
        setting = next;
    }
}
