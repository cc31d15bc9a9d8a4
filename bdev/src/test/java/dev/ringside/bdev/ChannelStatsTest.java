package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChannelStatsTest {
    private final ChannelStats stats = new ChannelStats();

    @Test
    void eachKindOfCounterIsResetAlone() {
        count(30, IoStatus.OK);
        count(10, IoStatus.OK);
        count(99, IoStatus.IO_ERROR);
        assertThat(reads()).isEqualTo(new BdevStats.Entry(2, 1024, 1, 40, 10, 30));

        stats.reset(StatsReset.ERRORS);
        assertThat(reads()).isEqualTo(new BdevStats.Entry(2, 1024, 0, 40, 10, 30));
        count(99, IoStatus.IO_ERROR);
        stats.reset(StatsReset.EXTREMES);
        assertThat(reads()).isEqualTo(new BdevStats.Entry(2, 1024, 1, 40, 0, 0));
        count(20, IoStatus.OK);
        assertThat(reads()).isEqualTo(new BdevStats.Entry(3, 1536, 1, 60, 20, 20));
        stats.reset(StatsReset.ALL);
        assertThat(reads()).isEqualTo(new BdevStats.Entry(0, 0, 0, 0, 0, 0));
    }

    private void count(long latencyNs, int status) {
        stats.count(IoType.READ.ordinal(), 512, status, latencyNs);
    }

    private BdevStats.Entry reads() {
        return stats.entry(IoType.READ);
    }
}
