package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest gets back what it wrote: from a disk in RAM (vda) and from a file (vdb), side by side. */
class DiskIntegrityTest {
    private static final int MIB = 1 << 20;
    private static final long DISK_BYTES = 256L * MIB;
    private static final int FIO_SECONDS = Integer.getInteger("fio.seconds", 30);

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "queues={0} size={1} packed={2}")
    @CsvSource({"1, 1024, false", "2, 128, false", "2, 1024, true"})
    void randomReadsAndWritesVerify(int queues, int size, boolean packed) {
        Guest guest = guestWithBothDisks(queues, size, packed);
        List<FioReport> reports = FioReport.verify(guest, FIO_SECONDS, "vda", "vdb");

        reports.forEach(report -> System.out.println("queues=" + queues + " packed=" + packed + " " + report));
        assertThat(guest.run("ls -d /sys/block/vda/mq/* | wc -l").strip()).isEqualTo(Integer.toString(queues));
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
    }

    @ParameterizedTest(name = "queues={0} packed={1}")
    @CsvSource({"1, false", "2, false", "2, true"})
    void fileSystemSurvivesReboot(int queues, boolean packed) {
        Guest guest = guestWithBothDisks(queues, 128, packed);
        String sums = "";
        for (String disk : List.of("vda", "vdb")) {
            guest.run("mkfs.ext4 -q /dev/" + disk + " && mount /dev/" + disk + " /mnt/a");
            guest.run("dd if=/dev/urandom of=/mnt/a/data bs=1M count=24 status=none && mkdir /mnt/a/d"
                    + " && cp /mnt/a/data /mnt/a/d/copy");
            sums += guest.run("sha256sum /mnt/a/data /mnt/a/d/copy");
            guest.run("umount /mnt/a && fsck.ext4 -f -n /dev/" + disk);
        }

        guest.reset();

        String sumsAfter = "";
        for (String disk : List.of("vda", "vdb")) {
            guest.run("fsck.ext4 -f -n /dev/" + disk + " && mount /dev/" + disk + " /mnt/a");
            sumsAfter += guest.run("sha256sum /mnt/a/data /mnt/a/d/copy");
            guest.run("umount /mnt/a");
        }
        assertThat(sumsAfter).isEqualTo(sums);
    }

    @ParameterizedTest(name = "queues={0}")
    @ValueSource(ints = {1, 2})
    void syncedDataIsInTheFile(int queues) throws IOException {
        Path file = bed.disk("File0", DISK_BYTES);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(DiskServer.start(bed).serveFile("File0", file, false))
                        .queues(queues))
                .start();

        guest.run("yes ringside-durable | dd of=/dev/vda bs=1M seek=5 count=8 iflag=fullblock conv=notrunc status=none"
                + "; sync");

        byte[] expected = "ringside-durable\n".repeat(8 * MIB / 17 + 1).getBytes(StandardCharsets.US_ASCII);
        byte[] found = new byte[8 * MIB];
        try (RandomAccessFile host = new RandomAccessFile(file.toFile(), "r")) {
            host.seek(5L * MIB);
            host.readFully(found);
        }
        assertThat(found).isEqualTo(Arrays.copyOf(expected, found.length));
    }

    @ParameterizedTest(name = "queues={0} packed={1}")
    @CsvSource({"1, false", "2, true"})
    void discardAndWriteZeroesReadBackAsZeroes(int queues, boolean packed) {
        Guest guest = guestWithBothDisks(queues, 128, packed);
        for (String disk : List.of("vda", "vdb")) {
            String device = "/dev/" + disk;
            String limits = "/sys/block/" + disk + "/queue/";
            guest.run("yes x | dd of=" + device + " bs=1M count=32 iflag=fullblock oflag=direct status=none");
            assertThat(guest.run("cat " + limits + "discard_max_bytes " + limits + "write_zeroes_max_bytes")
                            .lines()
                            .map(Long::parseLong))
                    .as("limits of %s", disk)
                    .hasSize(2)
                    .allSatisfy(limit -> assertThat(limit).isPositive());

            guest.run("blkdiscard -o 1M -l 9M " + device + " && blkdiscard -z -o 16M -l 8M " + device);

            guest.run("dd if=" + device + " of=/tmp/" + disk + " bs=1M count=32 iflag=direct status=none");
            guest.run("cmp -n 9M -i 1M:0 /tmp/" + disk + " /dev/zero && cmp -n 8M -i 16M:0 /tmp/" + disk
                    + " /dev/zero && yes x | cmp -n 1M - /tmp/" + disk + " && yes x | cmp -n 6M -i 0:10M - /tmp/" + disk
                    + " && yes x | cmp -n 8M -i 0:24M - /tmp/" + disk + " && rm /tmp/" + disk);
        }
    }

    private Guest guestWithBothDisks(int queues, int size, boolean packed) {
        DiskServer server = DiskServer.start(bed);
        return bed.guest("guest")
                .disk(VhostUserDisk.at(server.serveMemory("Malloc0", DISK_BYTES))
                        .queues(queues)
                        .queueSize(size)
                        .packed(packed))
                .disk(VhostUserDisk.at(server.serveFile("File0", bed.disk("File0", DISK_BYTES), false))
                        .queues(queues)
                        .queueSize(size)
                        .packed(packed))
                .start();
    }
}
