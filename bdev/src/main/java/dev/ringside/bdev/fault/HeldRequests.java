package dev.ringside.bdev.fault;

import dev.ringside.bdev.BdevIo;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait, each for a time: a binary heap, the earliest first, and of those with one time the one that came
 * first. Grows to the most that it has ever held, and then allocates nothing. Owned by its reactor.
 */
final class HeldRequests {
    private @Nullable BdevIo[] requests = new BdevIo[16];
    private @Nullable LiveFault[] causes = new LiveFault[16];
    private long[] dueNs = new long[16];
    private long[] turns = new long[16];
    private int size;
    private long nextTurn;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** The earliest time; there is one. */
    long firstDueNs() {
        return dueNs[0];
    }

    /** Adds a request; {@code cause} is the fault that holds it, null if it only awaits room in the device. */
    void add(BdevIo io, @Nullable LiveFault cause, long atNs) {
        if (size == requests.length) {
            grow();
        }
        place(size, io, cause, atNs, nextTurn++);
        up(size++);
    }

    /** Takes the earliest; there is one. */
    BdevIo take() {
        return removeAt(0);
    }

    /** Takes a request out; false if it is not here. */
    boolean remove(BdevIo io) {
        for (int i = 0; i < size; i++) {
            if (requests[i] == io) {
                removeAt(i);
                return true;
            }
        }
        return false;
    }

    /** Lets those go whose fault is over. */
    void release(long nowNs) {
        for (int i = 0; i < size; i++) {
            LiveFault cause = causes[i];
            if (cause != null && cause.isOver()) {
                dueNs[i] = nowNs;
            }
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            down(i);
        }
    }

    private BdevIo removeAt(int i) {
        BdevIo io = requests[i];
        if (io == null) {
            throw new IllegalStateException("nothing is held");
        }
        size--;
        move(size, i);
        requests[size] = null;
        causes[size] = null;
        if (i < size) {
            down(i);
            up(i);
        }
        return io;
    }

    private void up(int i) {
        while (i > 0 && before(i, (i - 1) / 2)) {
            swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void down(int i) {
        while (true) {
            int least = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < size; child++) {
                if (before(child, least)) {
                    least = child;
                }
            }
            if (least == i) {
                return;
            }
            swap(i, least);
            i = least;
        }
    }

    private boolean before(int a, int b) {
        return dueNs[a] == dueNs[b] ? turns[a] < turns[b] : dueNs[a] - dueNs[b] < 0;
    }

    private void swap(int a, int b) {
        BdevIo io = requests[a];
        LiveFault cause = causes[a];
        long at = dueNs[a];
        long turn = turns[a];
        move(b, a);
        place(b, io, cause, at, turn);
    }

    private void move(int from, int to) {
        place(to, requests[from], causes[from], dueNs[from], turns[from]);
    }

    private void place(int i, @Nullable BdevIo io, @Nullable LiveFault cause, long atNs, long turn) {
        requests[i] = io;
        causes[i] = cause;
        dueNs[i] = atNs;
        turns[i] = turn;
    }

    private void grow() {
        int longer = 2 * size;
        requests = Arrays.copyOf(requests, longer);
        causes = Arrays.copyOf(causes, longer);
        dueNs = Arrays.copyOf(dueNs, longer);
        turns = Arrays.copyOf(turns, longer);
    }
}
