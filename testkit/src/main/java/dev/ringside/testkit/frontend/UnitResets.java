package dev.ringside.testkit.frontend;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * A guest that resets a logical unit while it reads, again and again, as a program: for a machine that has no JUnit.
 */
public final class UnitResets {
    /** Logical unit 0 of target 0. */
    private static final long LUN = 0x0100_4000_0000_0000L;

    private static final int READS = 8;
    private static final int MOST_BLOCK = 4096;
    /** A logical unit tells of power on and of each reset by one of the next commands. */
    private static final int ATTENTIONS = 4;

    private UnitResets() {}

    /**
     * Takes the socket of a vhost-user-scsi back end and how many resets. The exit status is 0 if each was done, all reads ended,
     * by data or by the reset, and the unit read afterwards.
     */
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[1]);
        int ended = 0;
        try (GuestRam ram = GuestRam.ofMiB(16);
                ScsiFrontend guest = ScsiFrontend.connect(
                        Path.of(args[0]), ram, BlkOptions.of(1, 64).withScratch(65_536))) {
            read(guest);
            for (int round = 0; round < count; round++) {
                ended += reset(guest);
                read(guest);
            }
        }
        System.out.printf("unit resets: %d, which ended %d reads%n", count, ended);
    }

    /** Resets the unit while it reads; how many reads that ended. */
    private static int reset(ScsiFrontend guest) {
        ScsiDriverQueue queue = guest.requests(0);
        int[] reads = IntStream.range(0, READS)
                .map(n -> queue.submit(LUN, n + 1, block(n), new byte[0], MOST_BLOCK, Integer.MAX_VALUE))
                .toArray();
        int response = guest.function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0);
        if (response != ScsiLayout.S_OK) {
            throw new IllegalStateException("response to a reset: " + response);
        }
        int ended = 0;
        for (int number : reads) {
            ScsiResult result = queue.await(number);
            if (result.response() == ScsiLayout.S_RESET) {
                ended++;
            } else if (result.response() != ScsiLayout.S_OK) {
                throw new IllegalStateException("a read while the unit is reset: " + result);
            }
        }
        return ended;
    }

    private static void read(ScsiFrontend guest) {
        ScsiResult last = guest.requests(0).execute(LUN, block(0), new byte[0], MOST_BLOCK);
        for (int attempt = 0; attempt < ATTENTIONS && last.status() != 0; attempt++) {
            last = guest.requests(0).execute(LUN, block(0), new byte[0], MOST_BLOCK);
        }
        if (last.response() != ScsiLayout.S_OK || last.status() != 0) {
            throw new IllegalStateException("a block cannot be read: " + last);
        }
    }

    private static byte[] block(int lba) {
        return Cdb.range(Operation.READ_10, lba, 1, 0);
    }
}
