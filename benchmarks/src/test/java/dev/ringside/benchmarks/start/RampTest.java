package dev.ringside.benchmarks.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of a series of speeds. */
class RampTest {

    @Test
    void takesTheMedianOfTheLaterHalfForTheSteadySpeed() {
        Ramp ramp = new Ramp(0.25, List.of(10.0, 50.0, 95.0, 80.0, 100.0, 20.0, 100.0, 101.0));

        assertThat(ramp.steady()).isEqualTo(100);
        assertThat(ramp.shares()).containsExactly(0.1, 0.5, 0.95, 0.8, 1.0, 0.2, 1.0, 1.01);
        assertThat(ramp.secondsTo(0.9)).isEqualTo(0.75);
        assertThat(ramp.secondsTo(0.05)).isEqualTo(0.25);
        assertThat(ramp.secondsTo(2)).isEqualTo(2);
    }
}
