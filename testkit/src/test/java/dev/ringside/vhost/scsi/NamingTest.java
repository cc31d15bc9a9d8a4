package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import dev.ringside.vhost.scsi.unit.Naming;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator calls a disk is what a guest reads, and what it is not called follows from the bdev. */
class NamingTest {
    private ScsiRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        rig.controller("one");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void allThatIsSetIsRead() throws Exception {
        Naming naming =
                new Naming(Optional.of("ACME"), Optional.of("FAST DISK"), Optional.of("7.1"), Optional.of("S-0042"));
        rig.rig.target().scsi("one").add(0, 0, rig.rig.registry(), "ram", naming);
        Guest guest = rig.guest("one");
        assertThat(inquiry(guest)).isEqualTo("ACME    " + "FAST DISK       " + "7.1 ");
        assertThat(serial(guest)).isEqualTo("S-0042");
        byte[] names = page(guest, Vpd.IDENTIFICATION);
        assertThat(new String(names, StandardCharsets.ISO_8859_1)).contains("ACME    ");
        assertThat(naa(names)).as("made of the UUID whatever it is called").isEqualTo(ofUuid());
    }

    @Test
    void theRestFollowsFromTheBdev() throws Exception {
        rig.add("one", 0, 0, "ram");
        Guest guest = rig.guest("one");
        assertThat(inquiry(guest)).isEqualTo("RINGSIDE" + "Malloc disk     " + "0001");
        assertThat(serial(guest)).isEqualTo(uuid());
        byte[] names = page(guest, Vpd.IDENTIFICATION);
        rig.rig.target().scsi("one").remove(0);
        rig.add("one", 0, 0, "ram");
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        assertThat(page(guest, Vpd.IDENTIFICATION)).isEqualTo(names);
        assertThat(naa(names)).isEqualTo(ofUuid());
    }

    private String uuid() throws Exception {
        return rig.rig.registry().find("ram").info().uuid().toString();
    }

    private byte[] ofUuid() throws Exception {
        return NaaName.of(rig.rig.registry().find("ram").info().uuid());
    }

    /** Vendor, product and revision (SPC-5, 6.7.2). */
    private static String inquiry(Guest guest) {
        byte[] data = good(guest.read(Operation.INQUIRY, 96)).transferred();
        return new String(data, 8, 28, StandardCharsets.US_ASCII);
    }

    private static String serial(Guest guest) {
        byte[] data = page(guest, Vpd.SERIAL);
        return new String(data, 4, data.length - 4, StandardCharsets.US_ASCII);
    }

    private static byte[] naa(byte[] identification) {
        return Vpd.parseIdentification(identification, identification.length)
                .get(0)
                .value();
    }

    private static byte[] page(Guest guest, int page) {
        byte[] cdb = Cdb.parameters(Operation.INQUIRY, 255);
        cdb[1] = 1;
        cdb[2] = (byte) page;
        ScsiResult result = good(guest.in(cdb, 255));
        return result.transferred();
    }
}
