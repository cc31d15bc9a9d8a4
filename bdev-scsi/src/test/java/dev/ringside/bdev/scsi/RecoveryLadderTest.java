package dev.ringside.bdev.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.RecoveryLadder.Result;
import dev.ringside.bdev.scsi.RecoveryLadder.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryLadderTest {
    @Test
    void eachStepIsTakenOnlyIfTheOneBelowDidNotHelp() {
        assertThat(climb(Step.ABORT_TASK, Result.CLEARED)).containsExactly(Step.ABORT_TASK, Step.DONE);
        assertThat(climb(Step.ABORT_TASK, Result.NOT_CLEARED, Result.NOT_CLEARED, Result.CLEARED))
                .containsExactly(Step.ABORT_TASK, Step.LUN_RESET, Step.TARGET_RESET, Step.DONE);
        assertThat(climb(Step.LUN_RESET, Result.NOT_CLEARED, Result.NOT_CLEARED, Result.CLEARED))
                .containsExactly(Step.LUN_RESET, Step.TARGET_RESET, Step.CONTROLLER_RESET, Step.DONE);
    }

    @Test
    void anAdapterThatDoesNotAnswerIsResetAtOnce() {
        assertThat(climb(Step.ABORT_TASK, Result.NO_ANSWER, Result.CLEARED))
                .containsExactly(Step.ABORT_TASK, Step.CONTROLLER_RESET, Step.DONE);
    }

    @Test
    void anAdapterThatCannotBeResetIsGivenUpAfterSoManyAttempts() {
        assertThat(climb(Step.CONTROLLER_RESET, Result.NOT_CLEARED, Result.NO_ANSWER, Result.NOT_CLEARED))
                .containsExactly(Step.CONTROLLER_RESET, Step.CONTROLLER_RESET, Step.CONTROLLER_RESET, Step.OFFLINE);
        assertThat(climb(Step.CONTROLLER_RESET, Result.NOT_CLEARED, Result.CLEARED))
                .containsExactly(Step.CONTROLLER_RESET, Step.CONTROLLER_RESET, Step.DONE);
    }

    private static List<Step> climb(Step first, Result... results) {
        RecoveryLadder ladder = new RecoveryLadder(first, 3);
        List<Step> steps = new ArrayList<>(List.of(ladder.step()));
        for (Result result : results) {
            ladder.took(result);
            steps.add(ladder.step());
        }
        return steps;
    }
}
