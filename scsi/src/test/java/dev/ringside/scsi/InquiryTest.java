package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Designator;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.inquiry.Provisioning;
import dev.ringside.scsi.inquiry.Vpd;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InquiryTest {
    private static final InquiryData DISK = new InquiryData(
            InquiryData.CONNECTED,
            InquiryData.DISK,
            InquiryData.SPC_4_VERSION,
            false,
            true,
            true,
            true,
            "RINGSIDE",
            "Malloc disk",
            "0.1",
            List.of(InquiryData.SAM_5, InquiryData.SPC_4, InquiryData.SBC_3));

    @Test
    void standardDataIsLaidOutAsTheStandardSays() {
        byte[] data = DISK.bytes();
        assertThat(data).hasSize(96);
        assertThat(data)
                .startsWith(Hex.bytes(
                        "00 00 06 12 5b 10 10 02 52494e4753494445 4d616c6c6f63206469736b2020202020 302e3120"));
        assertThat(Arrays.copyOfRange(data, 58, 66)).isEqualTo(Hex.bytes("00a0 0460 04c0 0000"));
        assertThat(InquiryData.parse(data, data.length)).contains(DISK);
        assertThat(InquiryData.parse(data, 36))
                .get()
                .extracting(InquiryData::vendor)
                .isEqualTo("RINGSIDE");
        assertThat(InquiryData.parse(data, 35)).isEmpty();
    }

    @Test
    void pagesHaveTheirCodeAndLength() {
        assertThat(Vpd.supported(Vpd.DISK_PAGES)).isEqualTo(Hex.bytes("00 00 000b 00 80 83 84 85 86 87 88 b0 b1 b2"));
        assertThat(Vpd.serial("S1")).isEqualTo(Hex.bytes("00 80 0002 5331"));
        assertThat(Vpd.parseSerial(Vpd.serial("S1"), 6)).isEqualTo("S1");
        assertThat(Vpd.parseSerial(new byte[0], 0)).isEmpty();
        assertThat(Vpd.noNetworkAddresses()).isEqualTo(Hex.bytes("00 85 0000"));
        assertThat(Vpd.extendedInquiry(true)).hasSize(64).startsWith(Hex.bytes("00 86 003c 00 01 01 00"));
        assertThat(Vpd.sharedModePages()).isEqualTo(Hex.bytes("00 87 0004 3f ff 00 00"));
        assertThat(Vpd.blockCharacteristics(false)).hasSize(64).startsWith(Hex.bytes("00 b1 003c 0001"));
        assertThat(Vpd.parseRotationRate(Vpd.blockCharacteristics(false), 64)).isEqualTo(Vpd.SOLID);
        assertThat(Vpd.parseRotationRate(Vpd.blockCharacteristics(true), 64)).isZero();
        assertThat(Vpd.parseRotationRate(Vpd.blockCharacteristics(7200), 64)).isEqualTo(7200);
        assertThat(Vpd.parseRotationRate(Vpd.blockCharacteristics(7200), 5)).isZero();
        assertThat(Vpd.parseSupported(Vpd.supported(Vpd.DISK_PAGES), 6)).containsExactly(Vpd.SUPPORTED, Vpd.SERIAL);
        assertThat(Vpd.softwareInterfaces(List.of())).isEqualTo(Hex.bytes("00 84 0000"));
    }

    @Test
    void namesAreReadAsTheyAreMade() {
        List<Designator> names = List.of(
                Designator.naa(Designator.UNIT, Hex.bytes("3000000000000001")),
                Designator.naa(Designator.PORT, Hex.bytes("3000000000000002")),
                Designator.relativePort(5),
                Designator.portGroup(1),
                Designator.t10("RINGSIDE", "abc"),
                Designator.name(Designator.TARGET, "iqn.x"));
        byte[] page = Vpd.identification(names);
        assertThat(page)
                .isEqualTo(Hex.bytes("00 83 0043 01 03 00 08 3000000000000001 61 93 00 08 3000000000000002"
                        + "01 14 00 04 00000005 01 15 00 04 00000001 02 01 00 0b 52494e4753494445616263"
                        + "03 28 00 08 69716e2e78000000"));
        assertThat(Vpd.parseIdentification(page, page.length)).isEqualTo(names);
        assertThat(Vpd.parseIdentification(page, page.length - 1)).hasSize(5);
        assertThat(Vpd.ports(List.of(new Vpd.Port(5, List.of(names.get(1))))))
                .isEqualTo(Hex.bytes("00 88 0018 0000 0005 0000 0000 0000 000c 61 93 00 08 3000000000000002"));
    }

    @Test
    void namesStayTheSame() {
        UUID uuid = UUID.fromString("0f0e0d0c-0b0a-0908-0706-050403020100");
        assertThat(NaaName.of(uuid)).isEqualTo(NaaName.of(uuid)).hasSize(8);
        assertThat(NaaName.of(uuid)[0] & 0xf0).isEqualTo(0x30);
        assertThat(NaaName.of("unit:" + uuid)).isEqualTo(NaaName.of(uuid));
        assertThat(NaaName.of("port")).isNotEqualTo(NaaName.of("other"));
    }

    @Test
    void limitsAndProvisioning() {
        BlockLimits limits =
                new BlockLimits(true, 128, 8, 0x10000, 0x100, 0, 0xffff_ffffL, 256, 8, true, 0, 0x1_0000_0000L);
        byte[] page = Vpd.blockLimits(limits);
        assertThat(page)
                .isEqualTo(Hex.bytes("00 b0 003c 01 80 0008 00010000 00000100 00000000 ffffffff 00000100 00000008"
                        + "80000000 0000000100000000 0000000000000000000000000000000000000000"));
        assertThat(BlockLimits.parse(page, page.length)).isEqualTo(limits);
        assertThat(BlockLimits.parse(page, 16).unmapBlocks()).isZero();
        Provisioning thin = new Provisioning(true, true, true, true, false, Provisioning.THIN);
        assertThat(Vpd.provisioning(thin)).isEqualTo(Hex.bytes("00 b2 0004 00 e4 02 00"));
        assertThat(Provisioning.parse(Vpd.provisioning(thin), 8)).isEqualTo(thin);
    }
}
