package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.nvme.NvmeException;
import dev.ringside.bdev.nvme.NvmeMaintenance;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.bdev.nvme.SanitizeAction;
import dev.ringside.bdev.nvme.SecureErase;
import dev.ringside.bdev.nvme.spec.ErrorLogEntry;
import dev.ringside.bdev.nvme.spec.Feature;
import dev.ringside.bdev.nvme.spec.FirmwareLog;
import dev.ringside.bdev.nvme.spec.SanitizeLog.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done to a drive besides reading and writing. */
class NvmeMaintenanceTest {
    private static final int LIMIT_MS = 60_000;

    private ModelDisk disk;
    private NvmeMaintenance maintenance;

    @BeforeEach
    void attach() throws Exception {
        disk = new ModelDisk(NvmeModelSettings.plain(9, 1 << 20), NvmeOptions.DEFAULT);
        maintenance = disk.controller.maintenance();
    }

    @AfterEach
    void detach() {
        disk.destroy();
    }

    @Test
    void aDriveTellsOfItsErrorsAndItsFirmware() {
        assertThat(maintenance.errors().join()).containsExactly(new ErrorLogEntry(9, 1, 0, 0x281, 77, 1));
        assertThat(maintenance.firmware().join())
                .isEqualTo(new FirmwareLog(1, 2, List.of("1.0", "1.1", "", "", "", "", "")));
    }

    @Test
    void whoHasMemoryIsTold() {
        assertThat(disk.controller.memory()).containsOnlyKeys("admin data", "admin queue");
    }

    @Test
    void aFeatureKeepsItsValue() {
        assertThat(maintenance.feature(Feature.TEMPERATURE_THRESHOLD).join()).isEqualTo(343);
        maintenance.setFeature(Feature.TEMPERATURE_THRESHOLD, 350, false).join();
        assertThat(maintenance.feature(Feature.TEMPERATURE_THRESHOLD).join()).isEqualTo(350);
        assertThatThrownBy(() -> maintenance.feature(Feature.ARBITRATION).join())
                .hasMessageContaining("arbitration")
                .hasCauseInstanceOf(NvmeException.class);
        assertThat(disk.events).isEmpty();
    }

    @Test
    void aWriteCacheThatIsSwitchedOffMakesAnotherDisk() throws Exception {
        assertThat(disk.controller.namespaces().getFirst().info().writeCache()).isTrue();
        maintenance.setFeature(Feature.VOLATILE_WRITE_CACHE, 0, false).join();
        assertThat(disk.nextEvent()).isEqualTo("added Modeln1");
        assertThat(disk.controller.namespaces().getFirst().info().writeCache()).isFalse();
    }

    @Test
    void aNamespaceIsFormattedWithOtherBlocks() throws Exception {
        assertThat(maintenance.formatted(1, SecureErase.NONE)).hasSize(1);
        maintenance.format(1, 4096, SecureErase.USER_DATA, LIMIT_MS).join();
        assertThat(disk.nextEvent()).isEqualTo("added Modeln1");
        assertThat(disk.controller.namespaces().getFirst().info().blockSize()).isEqualTo(4096);

        assertThatThrownBy(() ->
                        maintenance.format(1, 1024, SecureErase.NONE, LIMIT_MS).join())
                .hasMessageContaining("1024");
        assertThat(disk.nextEvent()).isEqualTo("added Modeln1");
    }

    @Test
    void aDriveThatIsSanitizedHasNoDisksMeanwhile() throws Exception {
        maintenance.sanitize(SanitizeAction.BLOCK_ERASE).join();
        assertThat(disk.controller.namespaces()).isEmpty();
        disk.controller.reset().join();
        assertThat(disk.nextEvent()).isEqualTo("added Modeln1");
        assertThat(maintenance.sanitizeStatus().join().status()).isEqualTo(Status.DONE);
        assertThatThrownBy(() -> maintenance.sanitize(SanitizeAction.OVERWRITE).join())
                .hasMessageContaining("SANICAP");
    }
}
