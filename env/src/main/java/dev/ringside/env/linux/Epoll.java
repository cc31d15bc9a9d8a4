package dev.ringside.env.linux;

import dev.ringside.env.ffi.CExpression;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Waits for many descriptors at once (epoll(7)). One thread waits and reads the events; any thread may add, modify and
 * remove. Close it when that thread is done with it.
 */
public final class Epoll implements AutoCloseable {
    @CExpression("EPOLLIN")
    public static final int IN = 0x1;

    @CExpression("EPOLLOUT")
    public static final int OUT = 0x4;

    @CExpression("EPOLLERR")
    public static final int ERR = 0x8;

    @CExpression("EPOLLHUP")
    public static final int HUP = 0x10;

    @CExpression("EPOLLRDHUP")
    public static final int RDHUP = 0x2000;

    @CExpression("EPOLLET")
    public static final int EDGE = 1 << 31;

    @CExpression("EPOLL_CTL_ADD")
    private static final int CTL_ADD = 1;

    @CExpression("EPOLL_CTL_DEL")
    private static final int CTL_DEL = 2;

    @CExpression("EPOLL_CTL_MOD")
    private static final int CTL_MOD = 3;

    @CExpression("EPOLL_CLOEXEC")
    private static final int CLOEXEC = 0x80000;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Fd fd;
    private final int maxEvents;
    private final MemorySegment events;
    private final MemorySegment timeout;
    /** The timeout of who only looks. */
    private final MemorySegment now;

    private int ready;

    private Epoll(Fd fd, int maxEvents) {
        this.fd = fd;
        this.maxEvents = maxEvents;
        Arena arena = Arena.ofAuto();
        this.events = arena.allocate((long) maxEvents * EpollEvent.SIZE, Long.BYTES);
        this.timeout = arena.allocate(KernelTimespec.SIZE, Long.BYTES);
        this.now = arena.allocate(KernelTimespec.SIZE, Long.BYTES);
    }

    /**
     * Makes one.
     *
     * @param maxEvents how many events one {@link #await} can return, at least 1; more than that come with the next
     * @throws LinuxException EMFILE; ENOSYS on a kernel before 5.11, which has no epoll_pwait2(2)
     */
    public static Epoll create(int maxEvents) throws LinuxException {
        if (maxEvents < 1 || maxEvents > 1 << 20) {
            throw new IllegalArgumentException("maxEvents is from 1 to 1048576, not " + maxEvents);
        }
        Epoll epoll = new Epoll(Fd.adopt(Kernel.check("epoll_create1", Kernel.epollCreate(CLOEXEC))), maxEvents);
        int probe = epoll.enter(0);
        if (probe < 0) {
            epoll.close();
            throw new LinuxException("epoll_pwait2", "", -probe, "it needs Linux 5.11");
        }
        return epoll;
    }

    /**
     * Watches a descriptor.
     *
     * @param target the descriptor's number
     * @param interest {@link #IN}, {@link #OUT}, {@link #RDHUP}, {@link #EDGE}; ERR and HUP are always told
     * @param token what {@link #token} returns for it
     * @throws LinuxException EEXIST when it is watched already, EPERM when it cannot be (a regular file)
     */
    public void add(int target, int interest, long token) throws LinuxException {
        control(CTL_ADD, target, interest, token);
    }

    /**
     * Changes the interest in a watched descriptor; arguments as for {@link #add}.
     *
     * @throws LinuxException ENOENT when it is not watched
     */
    public void modify(int target, int interest, long token) throws LinuxException {
        control(CTL_MOD, target, interest, token);
    }

    /**
     * Stops watching a descriptor. An await that runs in another thread may still return its token once.
     *
     * @throws LinuxException ENOENT when it is not watched
     */
    public void remove(int target) throws LinuxException {
        control(CTL_DEL, target, 0, 0);
    }

    private void control(int operation, int target, int interest, long token) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EpollEvent.SIZE, Long.BYTES);
            event.set(ValueLayout.JAVA_INT_UNALIGNED, EpollEvent.EVENTS, interest);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, EpollEvent.DATA, token);
            int result = Kernel.epollCtl(fd.number(), operation, target, event.address());
            Kernel.check("epoll_ctl", "fd " + target, result);
        }
    }

    /**
     * Sleeps until a descriptor is ready. Allocates nothing.
     *
     * @param timeoutNs how long at most, in nanoseconds; 0 only looks, negative is for ever
     * @return how many events there are to read, from 0; a signal ends the sleep, as the work of io_uring for
     *     the thread does
     */
    public int await(long timeoutNs) {
        int result = enter(timeoutNs);
        if (result < 0) {
            throw new IllegalStateException("epoll_pwait2 on " + fd + ": " + Errno.name(-result));
        }
        ready = result;
        return ready;
    }

    private int enter(long timeoutNs) {
        long timespec = 0;
        if (timeoutNs >= 0) {
            timeout.set(ValueLayout.JAVA_LONG, KernelTimespec.TV_SEC, timeoutNs / NANOS_PER_SECOND);
            timeout.set(ValueLayout.JAVA_LONG, KernelTimespec.TV_NSEC, timeoutNs % NANOS_PER_SECOND);
            timespec = timeout.address();
        }
        try {
            int result = Kernel.tryEpollPwait2(fd.number(), events.address(), maxEvents, timespec);
            // Most likely it was interrupted, which a mere look cannot be.
            return result >= 0 ? result : Kernel.epollPwait2(fd.number(), events.address(), maxEvents, now.address());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Returns the token of a ready descriptor.
     *
     * @param index below what {@link #await} returned last
     */
    public long token(int index) {
        return events.get(ValueLayout.JAVA_LONG_UNALIGNED, at(index) + EpollEvent.DATA);
    }

    /**
     * Returns what a ready descriptor is ready for: {@link #IN}, {@link #OUT}, {@link #ERR}, {@link #HUP}, {@link #RDHUP}.
     *
     * @param index below what {@link #await} returned last
     */
    public int events(int index) {
        return events.get(ValueLayout.JAVA_INT_UNALIGNED, at(index) + EpollEvent.EVENTS);
    }

    private long at(int index) {
        return (long) Objects.checkIndex(index, ready) * EpollEvent.SIZE;
    }

    @Override
    public void close() {
        fd.close();
    }
}
