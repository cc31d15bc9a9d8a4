package dev.ringside.vhost.session;

/** Decides for one ring when its driver is called. Owned by its reactor. */
final class CallDelay {
    /** How long requests are counted before the delay is chosen anew. */
    static final long INTERVAL_NS = 10_000_000;

    private static final int INTERVALS_PER_SECOND = 100;
    private static final long NS_PER_US = 1000;

    private final CallPace pace;
    private boolean counting;
    private long completed;
    private long intervalEndNs;
    private long delayNs;
    private long nextCallNs;
    private boolean owed;

    CallDelay(CallPace pace) {
        this.pace = pace;
    }

    /**
     * Whether the driver is to be called now.
     *
     * @param wanted whether it wants a call for what was published just now
     * @param done requests that were published just now
     */
    boolean due(boolean wanted, int done, long nowNs) {
        CallPace.Setting setting = pace.setting();
        if (setting.delayBaseUs() == 0) {
            counting = false;
            boolean held = take();
            return held || wanted;
        }
        count(setting, done, nowNs);
        if (wanted) {
            owed = true;
        }
        if (!owed || nowNs - nextCallNs < 0) {
            return false;
        }
        owed = false;
        nextCallNs = nowNs + delayNs;
        return true;
    }

    /** Whether a call is held back. */
    boolean owes() {
        return owed;
    }

    /** Holds nothing back any more; true if a call was. */
    boolean take() {
        boolean call = owed;
        owed = false;
        return call;
    }

    private void count(CallPace.Setting setting, int done, long nowNs) {
        if (!counting) {
            counting = true;
            completed = 0;
            delayNs = 0;
            nextCallNs = nowNs;
            intervalEndNs = nowNs + INTERVAL_NS;
        }
        completed += done;
        if (nowNs - intervalEndNs >= 0) {
            long threshold = setting.iopsThreshold() / INTERVALS_PER_SECOND;
            long excess = Math.max(0, completed - threshold);
            delayNs = Math.min(
                    CallPace.MOST_DELAY_US * NS_PER_US, setting.delayBaseUs() * NS_PER_US * excess / threshold);
            completed = 0;
            intervalEndNs = nowNs + INTERVAL_NS;
        }
    }
}
