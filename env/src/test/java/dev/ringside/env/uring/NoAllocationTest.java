package dev.ringside.env.uring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.env.linux.Epoll;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The calls of the data plane allocate nothing, once warm. */
class NoAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int ATTEMPTS = 60;

    private long sum;
    private long rounds;

    /** Bytes of a loop of so many rounds after the compiler is done, which takes its time on a busy machine. */
    private long allocatedBy(Runnable loop) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        long allocated = 1;
        for (int attempt = 0; attempt < ATTEMPTS && allocated > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(thread);
            long overhead = threads.getThreadAllocatedBytes(thread) - before;
            before = threads.getThreadAllocatedBytes(thread);
            loop.run();
            allocated = threads.getThreadAllocatedBytes(thread) - before - overhead;
            rounds += ROUNDS;
        }
        return allocated;
    }

    @Test
    void eventsAllocateNothing() throws Exception {
        try (EventFd event = EventFd.create();
                Epoll epoll = Epoll.create(4)) {
            epoll.add(event.number(), Epoll.IN, 3);
            long allocated = allocatedBy(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    event.signal();
                    int ready = epoll.await(1_000_000);
                    for (int k = 0; k < ready; k++) {
                        sum += epoll.token(k) + epoll.events(k);
                    }
                    sum += event.drain() + event.drain();
                    sum += epoll.await(0);
                }
            });
            assertThat(allocated).isZero();
            assertThat(sum).isEqualTo(rounds * (3 + Epoll.IN + 1));
        }
    }

    @Test
    void uringAllocatesNothing() throws Exception {
        try (IoUring ring = new IoUring(16);
                Fd fd = Memfd.create("test", 1 << 16);
                Mapping memory = Mapping.anonymous(1 << 16)) {
            CompletionHandler handler = (data, result, flags) -> sum += data + result;
            int file = fd.number();
            long address = memory.address();
            long allocated = allocatedBy(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    ring.prepWrite(file, address, 512, 4096, 1);
                    ring.prepRead(file, address, 512, 4096, 2);
                    ring.prepFsync(file, true, 3);
                    ring.prepNop(4);
                    ring.submit();
                    int done = ring.reap(handler, 16);
                    while (done < 4) {
                        ring.submitAndWait(1);
                        done += ring.reap(handler, 16);
                    }
                }
            });
            assertThat(allocated).isZero();
            assertThat(sum).isEqualTo(rounds * (1 + 2 + 3 + 4 + 512 + 512));
        }
    }

    @Test
    void discardAllocatesNothing() throws Exception {
        try (Mapping memory = Mapping.anonymous(1 << 16)) {
            assertThat(allocatedBy(() -> {
                        for (int i = 0; i < ROUNDS; i++) {
                            memory.discard(100, 9000);
                        }
                    }))
                    .isZero();
        }
    }
}
