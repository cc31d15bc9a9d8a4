package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SAS disks behind QEMU's LSI 1068, driven inside a guest: neither adapter nor disks are of our own making. */
@Timeout(300)
class SasDiskTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String ADAPTER = "0000:00:08.0";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void driverDoesWhatItShallWithAnAdapterOfOthers() {
        VfioGuest guest = VfioGuest.start(bed, "sas", List.of(), adapter());
        guest.ringside("bind " + ADAPTER);
        assertThat(guest.ringside("devices")).containsPattern(ADAPTER + " .* vfio-pci ");
        guest.program("dev.ringside.testkit.mptsas.AdapterSuite", ADAPTER);
    }

    private String[] adapter() {
        List<String> arguments = new ArrayList<>(List.of("-device", "mptsas1068,id=sas,addr=8"));
        for (int target = 0; target < 3; target++) {
            int block = target == 1 ? 4096 : 512;
            arguments.addAll(List.of(
                    "-drive",
                    "file=" + bed.disk("disk" + target, DISK_BYTES) + ",if=none,id=d" + target + ",format=raw",
                    "-device",
                    "scsi-hd,id=hd" + target + ",bus=sas.0,scsi-id=" + target + ",drive=d" + target
                            + ",wwn=0x5000c50015ea71a"
                            + target + ",serial=ringside" + target + ",logical_block_size=" + block
                            + ",physical_block_size=" + block));
        }
        return arguments.toArray(String[]::new);
    }
}
