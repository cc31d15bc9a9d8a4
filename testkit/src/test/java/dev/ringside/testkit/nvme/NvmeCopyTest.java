package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How copies become commands of a drive; that blocks are copied rightly is a check of the suite that all disks pass. */
class NvmeCopyTest {
    private final BdevRegistry registry = new BdevRegistry();
    private SteppedReactor reactor;
    private ModelDisk disk;
    private BdevHandle handle;
    private BdevChannel channel;
    private int status;
    private boolean ended;

    @BeforeEach
    void open() throws Exception {
        open(96, 80);
    }

    private void open(int mssrl, int mcl) throws Exception {
        reactor = new SteppedReactor();
        NvmeModelSettings settings = NvmeModelSettings.plain(9, 4 << 20)
                .withNamespaces(new NvmeModelSettings.Namespace(1, 9, 8192, 0, 0, mssrl, mcl));
        disk = new ModelDisk(settings, ModelDisk.PATIENT);
        registry.register(disk);
        handle = registry.open(disk.info().name(), true, event -> {});
        channel = handle.openChannel(reactor.reactor());
    }

    @AfterEach
    void close() throws Exception {
        channel.close();
        handle.close();
        registry.unregister(disk.info().name()).join();
        reactor.close();
    }

    @ParameterizedTest
    @CsvSource({"96, 80, 80, 3", "50, 80, 50, 4"})
    void aCommandCopiesWhatTheNamespaceAllows(int mssrl, int mcl, long longest, long commands) throws Exception {
        close();
        open(mssrl, mcl);
        long before = disk.controller.info().stats().commands();
        assertThat(disk.info().supported()).contains(IoType.COPY);
        assertThat(disk.info().limits().maxCopyBlocks()).isEqualTo(longest);
        assertThat(copy(3, 1000, 200)).isEqualTo(IoStatus.OK);
        assertThat(disk.controller.info().stats().commands() - before).isEqualTo(commands);
        assertThat(disk.controller.info().stats().copied()).isZero();
    }

    @Test
    void whatCannotBeReadIsNotCopied() throws Exception {
        disk.model.spoil(1, 500);
        assertThat(copy(490, 1000, 10)).isEqualTo(IoStatus.OK);
        assertThat(copy(490, 1000, 11)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(copy(1000, 495, 10)).isEqualTo(IoStatus.OK);
    }

    private int copy(long from, long to, long blocks) {
        ended = false;
        BdevIo io = new BdevIo((done, how) -> {
            status = how;
            ended = true;
        });
        io.prepareCopy(from, to, blocks);
        channel.submit(io);
        channel.flush();
        reactor.await("a copy", () -> ended, Duration.ofSeconds(30));
        return status;
    }
}
