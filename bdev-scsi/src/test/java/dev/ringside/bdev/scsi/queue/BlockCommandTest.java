package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.queue.QueueRig.Request;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which commands a disk gets for a request, by what it can do. */
class BlockCommandTest {
    private static final long FAR = 0x1_0000_0000L;

    // Made by disk(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private QueueRig rig;

    private void disk(boolean writeCache, boolean fua, boolean unmap, boolean sameUnmaps) throws Exception {
        rig = new QueueRig(new UnitTraits(512, writeCache, fua, unmap, sameUnmaps, true, 4));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void fuaIsABitOfTheWrite() throws Exception {
        disk(true, true, true, true);
        for (long lba : new long[] {5, FAR}) {
            Request forced = rig.new Request(IoType.WRITE, lba, BdevIo.FUA);
            byte[] cdb =
                    posted(lba == FAR ? Operation.WRITE_16 : Operation.WRITE_10).cdb();
            assertThat(Cdb.lba(cdb)).isEqualTo(lba);
            assertThat(Cdb.fua(cdb)).isTrue();
            endsWithItsCommand(forced);
            Request plain = rig.new Request(IoType.WRITE, lba);
            assertThat(Cdb.fua(rig.port.posted.getFirst().cdb())).isFalse();
            endsWithItsCommand(plain);
        }
    }

    @Test
    void withoutAWriteCacheNothingIsForced() throws Exception {
        disk(false, true, true, true);
        Request forced = rig.new Request(IoType.WRITE, 5, BdevIo.FUA);
        assertThat(Cdb.fua(posted(Operation.WRITE_10).cdb())).isFalse();
        endsWithItsCommand(forced);
        Request zeroes = rig.new Request(IoType.WRITE_ZEROES, 5, BdevIo.FUA);
        endsWithItsCommand(zeroes);
        Request flush = rig.new Request(IoType.FLUSH, 0);
        assertThat(flush.status).isEqualTo(IoStatus.OK);
        assertThat(rig.port.posted).isEmpty();
    }

    @Test
    void fuaWithoutFuaIsASynchronizeCacheBehind() throws Exception {
        disk(true, false, true, true);
        Request request = rig.new Request(IoType.WRITE, 5, BdevIo.FUA);
        assertThat(Cdb.fua(posted(Operation.WRITE_10).cdb())).isFalse();
        endsAfterASynchronizeCache(request);
    }

    @Test
    void fuaOfZeroesIsASynchronizeCacheBehind() throws Exception {
        disk(true, true, true, true);
        Request plain = rig.new Request(IoType.WRITE_ZEROES, 5);
        endsWithItsCommand(plain);
        Request forced = rig.new Request(IoType.WRITE_ZEROES, 5, BdevIo.FUA);
        posted(Operation.WRITE_SAME_16);
        endsAfterASynchronizeCache(forced);
    }

    @Test
    void aFlushIsASynchronizeCacheOfTheWholeDisk() throws Exception {
        disk(true, true, true, true);
        Request request = rig.new Request(IoType.FLUSH, 0);
        ScsiCommand command = posted(Operation.SYNCHRONIZE_CACHE_10);
        assertThat(Cdb.lba(command.cdb())).isZero();
        assertThat(Cdb.blocks(command.cdb())).as("0: to the last one").isZero();
        assertThat(command.direction()).isEqualTo(ScsiCommand.NO_DATA);
        rig.turn(1);
        assertThat(request.ends).as("not before the disk says so").isZero();
        endsWithItsCommand(request);
    }

    @Test
    void unmapNamesItsRange() throws Exception {
        disk(true, true, true, true);
        Request request = rig.new Request(IoType.UNMAP, FAR);
        byte[] list = sent(posted(Operation.UNMAP));
        assertThat(BlockRange.parse(list, 1)).containsExactly(new BlockRange(FAR, 1));
        endsWithItsCommand(request);
    }

    @Test
    void unmapWithoutUnmapIsAWriteSameThatUnmaps() throws Exception {
        disk(true, true, false, true);
        Request request = rig.new Request(IoType.UNMAP, FAR);
        ScsiCommand command = posted(Operation.WRITE_SAME_16);
        assertThat(Cdb.unmaps(command.cdb())).isTrue();
        assertThat(Cdb.lba(command.cdb())).isEqualTo(FAR);
        assertThat(Cdb.blocks(command.cdb())).isEqualTo(1);
        assertThat(sent(command)).as("one block").isEqualTo(new byte[512]);
        endsWithItsCommand(request);
    }

    @Test
    void zeroesGiveBlocksBackWhereBothSidesLikeIt() throws Exception {
        disk(true, true, true, true);
        Request kept = rig.new Request(IoType.WRITE_ZEROES, 5);
        assertThat(Cdb.unmaps(posted(Operation.WRITE_SAME_16).cdb())).isFalse();
        endsWithItsCommand(kept);
        Request given = rig.new Request(IoType.WRITE_ZEROES, 5, BdevIo.MAY_UNMAP);
        assertThat(Cdb.unmaps(posted(Operation.WRITE_SAME_16).cdb())).isTrue();
        endsWithItsCommand(given);
    }

    @Test
    void zeroesOfADiskThatDoesNotUnmapSoAreWritten() throws Exception {
        disk(true, true, true, false);
        Request request = rig.new Request(IoType.WRITE_ZEROES, 5, BdevIo.MAY_UNMAP);
        assertThat(Cdb.unmaps(posted(Operation.WRITE_SAME_16).cdb())).isFalse();
        endsWithItsCommand(request);
    }

    @Test
    void farBlocksNeedLongCommands() throws Exception {
        disk(true, true, true, true);
        Request near = rig.new Request(IoType.READ, FAR - 1);
        posted(Operation.READ_10);
        endsWithItsCommand(near);
        Request far = rig.new Request(IoType.READ, FAR);
        ScsiCommand command = posted(Operation.READ_16);
        assertThat(Cdb.lba(command.cdb())).isEqualTo(FAR);
        assertThat(command.cdbLength()).isEqualTo(16);
        assertThat(command.data()).as("the request's own list").isSameAs(far.data);
        endsWithItsCommand(far);
    }

    /** The one command that the disk has. */
    private ScsiCommand posted(Operation operation) {
        assertThat(rig.port.posted).hasSize(1);
        ScsiCommand command = rig.port.posted.getFirst();
        assertThat(Operation.of(command.cdb())).isEqualTo(operation);
        return command;
    }

    private static byte[] sent(ScsiCommand command) {
        assertThat(command.direction()).isEqualTo(ScsiCommand.WRITE);
        byte[] bytes = new byte[(int) command.data().bytes()];
        command.data().copyTo(MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    /** Its command ends well; none follows. */
    private void endsWithItsCommand(Request request) {
        rig.port.good();
        rig.turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(rig.port.posted).isEmpty();
    }

    private void endsAfterASynchronizeCache(Request request) {
        rig.port.good();
        rig.turn(1);
        assertThat(request.ends).isZero();
        posted(Operation.SYNCHRONIZE_CACHE_10);
        endsWithItsCommand(request);
    }
}
