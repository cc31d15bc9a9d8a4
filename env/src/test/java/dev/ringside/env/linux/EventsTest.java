package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventsTest {
    @Test
    void countsSignals() throws Exception {
        try (EventFd event = EventFd.create()) {
            assertThat(event.drain()).isZero();
            event.signal();
            event.signal();
            assertThat(event.drain()).isEqualTo(2);
            assertThat(event.drain()).isZero();
        }
    }

    @Test
    void neverBlocksOnAFullCounterThatAPeerSent() throws Exception {
        try (Fd fd = Fd.adopt(Kernel.check("eventfd", Kernel.eventfd(0, 0)));
                EventFd event = EventFd.adopt(fd);
                Arena arena = Arena.ofConfined()) {
            long full = arena.allocateFrom(ValueLayout.JAVA_LONG, -2L).address();
            Kernel.check("write", Kernel.write(event.number(), full, Long.BYTES));
            event.signal();
            assertThat(event.drain()).isEqualTo(-2);
            assertThat(event.drain()).isZero();
        }
    }

    @Test
    void refusesWhatIsNotAnEventFd() throws Exception {
        try (Fd memory = Memfd.create("test", 1);
                Epoll epoll = Epoll.create(1);
                UnixConnection socket = UnixConnection.pair()[0]) {
            assertThat(epoll.await(0)).isZero();
            for (Fd fd : List.of(memory, socket.fd())) {
                assertThatThrownBy(() -> EventFd.adopt(fd))
                        .isInstanceOfSatisfying(
                                LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                        .hasMessageContaining("not an eventfd");
                assertThat(fd.isOpen()).isTrue();
            }
        }
    }

    @Test
    void aClosedEventFdIsAnException() throws Exception {
        EventFd event = EventFd.create();
        event.close();
        event.close();
        assertThatThrownBy(event::signal).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(event::drain).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsWhichDescriptorIsReadyAndWhatFor() throws Exception {
        try (Epoll epoll = Epoll.create(8);
                EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            epoll.add(first.number(), Epoll.IN, 0x1122334455667788L);
            epoll.add(second.number(), Epoll.IN | Epoll.OUT, -1);
            assertThat(epoll.await(-1)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(-1);
            assertThat(epoll.events(0)).isEqualTo(Epoll.OUT);
            epoll.modify(second.number(), Epoll.IN, -2);
            assertThat(epoll.await(0)).isZero();
            first.signal();
            second.signal();
            assertThat(epoll.await(-1)).isEqualTo(2);
            assertThat(IntStream.range(0, 2).mapToLong(epoll::token))
                    .containsExactlyInAnyOrder(0x1122334455667788L, -2L);
            assertThat(epoll.events(1)).isEqualTo(Epoll.IN);
            assertThatThrownBy(() -> epoll.token(2)).isInstanceOf(IndexOutOfBoundsException.class);
            epoll.remove(first.number());
            assertThat(epoll.await(0)).isEqualTo(1);
        }
    }

    @Test
    void tellsAnEdgeOnce() throws Exception {
        try (Epoll epoll = Epoll.create(2);
                EventFd event = EventFd.create()) {
            epoll.add(event.number(), Epoll.IN | Epoll.EDGE, 1);
            event.signal();
            assertThat(epoll.await(0)).isEqualTo(1);
            assertThat(epoll.await(0)).isZero();
            event.signal();
            assertThat(epoll.await(0)).isEqualTo(1);
        }
    }

    @Test
    void tellsTheRestTheNextTime() throws Exception {
        try (Epoll epoll = Epoll.create(1);
                EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            epoll.add(first.number(), Epoll.IN, 1);
            epoll.add(second.number(), Epoll.IN, 2);
            first.signal();
            second.signal();
            long[] tokens = new long[2];
            for (int i = 0; i < 2; i++) {
                assertThat(epoll.await(0)).isEqualTo(1);
                tokens[i] = epoll.token(0);
            }
            assertThat(tokens).containsExactlyInAnyOrder(1, 2);
        }
    }

    @Test
    void tellsThatAPeerWentAway() throws Exception {
        UnixConnection[] pair = UnixConnection.pair();
        try (Epoll epoll = Epoll.create(4);
                UnixConnection left = pair[0]) {
            epoll.add(left.fd().number(), Epoll.IN | Epoll.RDHUP, 1);
            pair[1].close();
            assertThat(epoll.await(-1)).isEqualTo(1);
            assertThat(epoll.events(0)).isEqualTo(Epoll.IN | Epoll.RDHUP | Epoll.HUP);
        }
    }

    @Test
    void keepsItsTimeOut() throws Exception {
        try (Epoll epoll = Epoll.create(1)) {
            for (long ns : new long[] {0, 1, 3_000_000, 1_001_000_000}) {
                long before = System.nanoTime();
                int ready = epoll.await(ns);
                assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(ns);
                assertThat(ready).isZero();
            }
        }
    }

    @Test
    void aSignalFromAnotherThreadWakes() throws Exception {
        try (Epoll epoll = Epoll.create(1);
                EventFd event = EventFd.create()) {
            epoll.add(event.number(), Epoll.IN, 1);
            Blocked<Integer> sleeper = Blocked.in(Sys.EPOLL_PWAIT2, () -> epoll.await(TimeUnit.MINUTES.toNanos(1)));
            event.signal();
            assertThat(sleeper.get()).isEqualTo(1);
        }
    }

    @Test
    void saysWhatCannotBeWatched() throws Exception {
        try (Epoll epoll = Epoll.create(1);
                EventFd event = EventFd.create();
                EventFd other = EventFd.create();
                Fd memory = Memfd.create("test", 1)) {
            epoll.add(event.number(), Epoll.IN, 1);
            assertThatThrownBy(() -> epoll.add(event.number(), Epoll.IN, 1)).hasMessageContaining("EEXIST");
            assertThatThrownBy(() -> epoll.add(memory.number(), Epoll.IN, 1)).hasMessageContaining("EPERM");
            assertThatThrownBy(() -> epoll.remove(other.number())).hasMessageContaining("ENOENT");
            assertThatThrownBy(() -> Epoll.create(0)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
