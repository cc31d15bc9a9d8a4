package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A ring that is stopped waits for the disk, and nobody else does. */
class RingStopTest {
    @ParameterizedTest
    @EnumSource
    void otherRingsAndGuestsGoOnWhileOneDrains(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(1 << 20), 100, 0);
            rig.disk(disk, false);
            rig.mallocDisk("good", 4);
            BlkOptions options = BlkOptions.of(2, 64).with(format).withScratch(65_536);
            try (Neighbour neighbour = new Neighbour(rig, "good");
                    BlkFrontend blk = rig.start("disk", ram, options)) {
                assertThat(blk.queue(0).submit(0, BlkLayout.T_OUT, 0, 512)).isTrue();
                blk.queue(0).kick();
                Await.until("the disk has the request", () -> disk.seen().size() == 1);
                disk.holdNoMore();
                CompletableFuture<Integer> base = CompletableFuture.supplyAsync(() -> stop(blk));
                for (int i = 0; i < 20; i++) {
                    assertThat(blk.queue(1).write(8, new byte[4096]).status()).isZero();
                    neighbour.verify();
                }
                assertThat(base).as("with a request in flight").isNotDone();
                rig.reactor(0).execute(disk::endHeld);
                int stoppedAt = base.get(20, TimeUnit.SECONDS);
                assertThat(blk.queue(0).reap()).isZero();
                assertThat(blk.queue(0).status(0)).isZero();
                assertThat(stoppedAt).isEqualTo(blk.queue(0).ring().base());
                assertThat(blk.queue(1).read(8, 512).status()).isZero();
            }
            assertThat(rig.log().warnings()).isEmpty();
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static int stop(BlkFrontend blk) {
        try {
            return blk.messages().getVringBase(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
