package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * One ready descriptor (epoll_event(3type)). Packed on x86-64: the token is not aligned.
 *
 * <pre>
 *  0        4                12
 * +--------+-----------------+
 * | events | data (a token)  |
 * +--------+-----------------+
 * </pre>
 */
@CStruct("struct epoll_event")
final class EpollEvent {
    static final int EVENTS = 0;
    static final int DATA = 4;
    static final int SIZE = 12;

    private EpollEvent() {}
}
