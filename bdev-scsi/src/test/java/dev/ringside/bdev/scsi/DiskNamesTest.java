package dev.ringside.bdev.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskNamesTest {
    @Test
    void namesCountAsTheKernelsDo() {
        assertThat(DiskNames.name(0)).isEqualTo("sda");
        assertThat(DiskNames.name(25)).isEqualTo("sdz");
        assertThat(DiskNames.name(26)).isEqualTo("sdaa");
        assertThat(DiskNames.name(27)).isEqualTo("sdab");
        assertThat(DiskNames.name(26 + 26 * 26)).isEqualTo("sdaaa");
    }

    @Test
    void aDiskThatComesBackHasItsOldName() {
        DiskNames names = new DiskNames();
        assertThat(names.take("x")).isEqualTo("sda");
        assertThat(names.take("y")).isEqualTo("sdb");
        names.give("sda");
        assertThat(names.take("z")).as("the name is kept for x").isEqualTo("sdc");
        assertThat(names.take("x")).isEqualTo("sda");
    }

    @Test
    void twoThatSayTheyAreTheSameHaveTwoNames() {
        DiskNames names = new DiskNames();
        assertThat(names.take("x")).isEqualTo("sda");
        assertThat(names.take("x")).isEqualTo("sdb");
    }
}
