package dev.ringside.testkit.mptsas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiTask.Function;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A driver of a model whose first target has two logical units: what is done to one is not done to the other. */
public final class LogicalUnitChecks {
    private static final int HALF = DriverRig.MEMORY_BYTES / 2;

    private LogicalUnitChecks() {}

    /** Data is that of its unit. */
    public static void eachKeepsItsOwn(DriverRig rig, ScsiDevice first) {
        ScsiDevice second = new ScsiDevice(first.target(), 1L << 48);
        rig.clearAttention(second);
        for (ScsiDevice device : List.of(first, second)) {
            rig.memory().asSlice(0, 512).fill((byte) (device.equals(first) ? 1 : 2));
            assertThat(rig.run(rig.prepare(0, device, true, 5, 1, rig.part(0, 512)))
                            .residual())
                    .isZero();
        }
        for (ScsiDevice device : List.of(first, second)) {
            assertThat(rig.run(rig.prepare(0, device, false, 5, 1, rig.part(HALF, 512)))
                            .residual())
                    .isZero();
            assertThat(rig.memory().asSlice(HALF, 512).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly(device.equals(first) ? 1 : 2);
        }
        ScsiCommand third = rig.run(rig.prepareReady(0, new ScsiDevice(first.target(), 2L << 48)));
        assertThat(Sense.codeIn(third.sense(), third.senseLength()))
                .isEqualTo(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED.code());
    }

    /** What hangs ends by a reset of its unit or of the target; the model has the commands hang that come next. */
    public static void aResetIsAboutNoOther(DriverRig rig, ScsiDevice device) {
        ScsiDevice second = new ScsiDevice(device.target(), 1L << 48);
        rig.clearAttention(second);
        rig.submit(rig.prepareBlock(1, device));
        rig.submit(rig.prepareBlock(2, second));
        assertThat(rig.queue().poll(100)).isZero();
        assertThat(rig.reset(Function.LUN_RESET, second)).isTrue();
        assertThat(rig.ends(1)).as("a command of the other").isZero();
        assertThat(rig.command(2).hostStatus()).isEqualTo(HostStatus.ABORTED);
        assertThat(rig.run(rig.prepareReady(3, device)).scsiStatus()).isEqualTo(ScsiStatus.GOOD);
        assertThat(rig.run(rig.prepareReady(3, second)).scsiStatus()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(rig.reset(Function.LUN_RESET, new ScsiDevice(device.target(), 2L << 48)))
                .as("one that is not there")
                .isFalse();
        assertThat(rig.reset(Function.TARGET_RESET, second)).isTrue();
        assertThat(rig.command(1).hostStatus()).isEqualTo(HostStatus.ABORTED);
        rig.assertWorks(device);
        rig.assertWorks(second);
    }
}
