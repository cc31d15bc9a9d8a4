package dev.ringside.env.reactor;

import java.util.ArrayList;
import java.util.List;

/** Notes the longest turn of a reactor's loop, and what found work in it. Owned by the reactor's thread. */
final class LoopWatch {
    private static final String MESSAGES = "messages";
    /** More pollers than have work in one turn are seldom; those beyond are left out. */
    private static final int MOST_PARTS = 16;

    private final String[] names = new String[MOST_PARTS];
    private final int[] works = new int[MOST_PARTS];
    private int parts;
    private long longestNs;
    private long thresholdNs;
    private long endedNs;
    private long stalls;

    /** Turns that were longer have to be told of with {@link #note}. */
    long thresholdNs() {
        return thresholdNs;
    }

    /**
     * A turn was longer than any since the last {@link #take}, or a stall: notes it.
     *
     * @param startNs when it began
     * @param messages how many messages it ran
     */
    void note(long startNs, long nowNs, int messages, PollerSlot[] active, PollerSlot[] timed) {
        long turnNs = nowNs - startNs;
        if (turnNs >= LongestLoop.STALL_NS) {
            stalls++;
        }
        if (turnNs <= longestNs) {
            return;
        }
        longestNs = turnNs;
        thresholdNs = Math.min(turnNs, LongestLoop.STALL_NS - 1);
        endedNs = nowNs;
        parts = 0;
        add(MESSAGES, messages);
        for (PollerSlot slot : active) {
            add(slot.name, slot.lastWork);
        }
        for (PollerSlot slot : timed) {
            if (slot.dueNs == startNs + slot.periodNs) {
                add(slot.name, slot.lastWork);
            }
        }
    }

    /** Gives out what was noted since the last call, and begins anew. */
    LongestLoop take() {
        List<LongestLoop.Part> ran = new ArrayList<>(parts);
        for (int i = 0; i < parts; i++) {
            ran.add(new LongestLoop.Part(names[i], works[i]));
        }
        LongestLoop taken = new LongestLoop(longestNs, endedNs, ran, stalls);
        longestNs = 0;
        thresholdNs = 0;
        parts = 0;
        return taken;
    }

    private void add(String name, int work) {
        if (work > 0 && parts < MOST_PARTS) {
            names[parts] = name;
            works[parts++] = work;
        }
    }
}
