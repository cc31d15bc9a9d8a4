package dev.ringside.bdev.scsi.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.mpt3sas.SasTargets.Found;
import dev.ringside.bdev.scsi.mpt3sas.SasTargets.Scan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Targets whose handles change, and that are missing for a while. */
class SasTargetsTest {
    private static final long FAR = Long.MAX_VALUE / 2;

    private final SasTargets targets = new SasTargets();

    private List<ScsiTarget> update(Found... found) {
        return targets.update(new Scan(List.of(found), Map.of(), Map.of(), 30));
    }

    private static Found found(long address, int handle) {
        return new Found(address, handle, false, 0, "", new SasLink(0, 0, 0, 0));
    }

    @Test
    void nothingIsSentToAHandleOfBeforeAReset() {
        List<ScsiTarget> before = update(found(0xa, 11), found(0xb, 12));
        targets.reset();
        targets.reset();
        assertThat(before).allMatch(ScsiTarget::isMissing);
        assertThat(targets.find(11)).as("it may be another's").isNull();
        assertThat(targets.remove(12)).isNull();

        assertThat(update(found(0xa, 12), found(0xb, 11))).isEqualTo(before);
        assertThat(before).extracting(ScsiTarget::handle).containsExactly(12, 11);
        assertThat(before).noneMatch(ScsiTarget::isMissing);
        assertThat(targets.find(11)).isSameAs(before.get(1));
    }

    @Test
    void whatWasMissingIsLookedAtIfItIsFoundAfterAReset() {
        ScsiTarget target = update(found(0xa, 11)).getFirst();
        target.missing(System.nanoTime() + FAR);
        targets.reset();
        assertThat(target.absence()).matches(absence -> !absence.over());
        assertThat(update(found(0xa, 11))).containsExactly(target);
        assertThat(target.absence()).matches(ScsiTarget.Absence::over);
    }

    @Test
    void aResetEndsTheWaitForWhatIsNotFound() {
        ScsiTarget target = update(found(0xa, 11)).getFirst();
        target.missing(System.nanoTime() + FAR);
        assertThat(update()).as("it is waited for").containsExactly(target);
        targets.reset();
        targets.reset();
        assertThat(update()).isEmpty();
        assertThat(targets.find(11)).isNull();
    }

    @Test
    void whatTheIocWaitsForSinceAResetIsMissingWhenItIsFound() {
        List<ScsiTarget> before = update(found(0xa, 11), found(0xb, 12));
        targets.reset();
        targets.missing(11);
        targets.reset();
        targets.missing(12);
        targets.hold();
        assertThat(update(found(0xa, 12), found(0xb, 11))).isEqualTo(before);
        assertThat(before.get(0).absence()).matches(absence -> !absence.over());
        assertThat(before.get(1).isMissing()).as("it was called so before").isFalse();
    }

    @Test
    void whatIsBehindAnExpanderThatIsWaitedForSinceAResetIsMissingToo() {
        for (boolean back : new boolean[] {false, true}) {
            targets.reset();
            targets.missing(5);
            if (back) {
                targets.waitNoMore(5);
            }
            Map<Integer, Integer> parents = Map.of(11, 6, 6, 5, 5, 1);
            ScsiTarget target = targets.update(new Scan(List.of(found(back ? 0xa : 0xb, 11)), Map.of(), parents, 30))
                    .getFirst();
            assertThat(target.isMissing()).isEqualTo(!back);
        }
    }

    @Test
    void whatDoesNotRespondAfterAResetStaysIfTheIocWaitsForIt() {
        List<ScsiTarget> before = update(found(0xa, 11), found(0xb, 12), found(0xc, 13));
        targets.reset();
        targets.missing(21);
        targets.missing(5);
        targets.hold();
        Map<Long, Integer> absent = Map.of(0xaL, 21, 0xbL, 22, 0xcL, 23);
        assertThat(targets.update(new Scan(List.of(), absent, Map.of(22, 5, 23, 6, 6, 1), 30)))
                .as("itself, and behind an expander; the third has gone")
                .containsExactly(before.get(0), before.get(1));
        assertThat(targets.find(21)).isSameAs(before.get(0)).matches(ScsiTarget::isMissing);
        assertThat(targets.find(22)).isSameAs(before.get(1)).matches(ScsiTarget::isMissing);
        assertThat(targets.find(23)).isNull();
    }
}
