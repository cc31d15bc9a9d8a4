package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What devices do of themselves, one change after the other. */
class DeviceEventsTest {
    private final ControlLock control = new ControlLock();
    private final DeviceEvents events =
            new DeviceEvents(control, "events", "a device", LoggerFactory.getLogger(DeviceEventsTest.class));

    /** What a change has come to. */
    private static <T> T after(CompletableFuture<T> change) throws Exception {
        return change.get(30, TimeUnit.SECONDS);
    }

    @Test
    void changesAreMadeInTurnWithTheLockAndPastOnesThatFail() throws Exception {
        List<String> made = new CopyOnWriteArrayList<>();
        control.afterEach(() -> made.add("with the lock"));
        CompletableFuture<String> last = new CompletableFuture<>();
        control.change(() -> {
            events.follow(() -> made.add("first"));
            events.follow(() -> {
                throw new IOException("this one fails");
            });
            events.follow(() -> {
                throw new AssertionError("and this one");
            });
            events.follow(() -> last.complete(Thread.currentThread().getName()));
            // Nothing before the lock is given back.
            return made.add("the holder's");
        });
        assertThat(after(last)).isEqualTo("events");
        assertThat(made).startsWith("the holder's", "with the lock", "first", "with the lock");
        events.close();
    }

    @Test
    void whatComesAtTheEndIsLeftOut() throws Exception {
        CompletableFuture<Boolean> before = new CompletableFuture<>();
        List<String> made = new CopyOnWriteArrayList<>();
        control.change(() -> {
            events.follow(() -> before.complete(true));
            events.close();
            return true;
        });
        assertThatCode(() -> events.follow(() -> made.add("too late"))).doesNotThrowAnyException();
        assertThat(after(before)).isTrue();
        assertThat(made).isEmpty();
    }

    @Test
    void somethingIsRepeatedUntilItIsCancelled() throws Exception {
        CompletableFuture<Boolean> thrice = new CompletableFuture<>();
        List<String> made = new CopyOnWriteArrayList<>();
        var repeated = events.repeat(
                () -> {
                    made.add("again");
                    if (made.size() == 3) {
                        thrice.complete(true);
                    }
                },
                1000);
        assertThat(after(thrice)).isTrue();
        assertThat(repeated.cancel(false)).isTrue();
        events.close();
    }
}
