package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DepthControlTest {
    @Test
    void aFullDeviceIsGivenAsManyAsItHadAndOneMoreByAndBy() {
        DepthControl depth = new DepthControl(32);
        assertThat(depth.allowed()).isEqualTo(32);
        depth.full(7);
        assertThat(depth.allowed()).isEqualTo(7);
        depth.full(20);
        assertThat(depth.allowed()).as("never more because of a refusal").isEqualTo(7);
        for (int i = 0; i < 256; i++) {
            depth.good();
        }
        assertThat(depth.allowed()).isEqualTo(8);
        depth.full(0);
        assertThat(depth.allowed()).isEqualTo(1);
        for (int i = 0; i < 256 * 100; i++) {
            depth.good();
        }
        assertThat(depth.allowed()).isEqualTo(32);
    }

    @Test
    void anotherMostCountsAtOnceUnlessTheDeviceHasRefusedAsMany() {
        DepthControl depth = new DepthControl(32);
        depth.most(64);
        assertThat(depth.allowed()).isEqualTo(64);
        depth.most(8);
        assertThat(depth.allowed()).isEqualTo(8);
        depth.full(5);
        depth.most(16);
        assertThat(depth.allowed()).isEqualTo(5);
        for (int i = 0; i < 256 * 100; i++) {
            depth.good();
        }
        assertThat(depth.allowed()).isEqualTo(16);
    }
}
