package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Makes the commands of requests (SBC-4, 5). Owned by its queue. */
final class BlockCommand {
    /** Longest range of a CDB of ten bytes. */
    private static final long SHORT_BLOCKS = 0xffff;
    /** Last block that a CDB of ten bytes reaches. */
    private static final long SHORT_LBA = 0xffff_ffffL;

    private final MemorySegment zeroes;
    private final byte[] range = new byte[BlockRange.ONE_RANGE_BYTES];
    private final long timeoutNs;

    /**
     * Makes a maker.
     *
     * @param zeroes at least the largest logical block, and the adapter reaches it
     */
    BlockCommand(MemorySegment zeroes, long timeoutNs) {
        this.zeroes = zeroes;
        this.timeoutNs = timeoutNs;
    }

    /** Makes the command of a request; its deadline is set when it is posted. */
    void make(IoCommand command, BdevIo io, long firstBlock, Unit unit) {
        UnitTraits traits = unit.traits();
        long lba = firstBlock + io.lba();
        switch (io.type()) {
            case READ -> transfer(command, io, unit, lba, false);
            case WRITE -> {
                boolean fua = io.fua() && traits.writeCache();
                command.syncAfter = fua && !traits.fua();
                transfer(command, io, unit, lba, fua && traits.fua());
            }
            case FLUSH -> synchronizeCache(command, unit);
            case UNMAP -> unmap(command, io, unit, lba);
            case WRITE_ZEROES -> {
                // WRITE SAME has no FUA.
                command.syncAfter = io.fua() && traits.writeCache();
                writeSame(command, io, unit, lba, io.mayUnmap() && traits.sameUnmaps());
            }
            case COMPARE, VERIFY, SECURE_ERASE, COPY, RESET ->
                throw new IllegalStateException(io.type() + " is no command");
        }
    }

    /** Makes it a SYNCHRONIZE CACHE of the whole disk. */
    void synchronizeCache(IoCommand command, Unit unit) {
        Cdb.putRange(command.scsi.cdb(), Operation.SYNCHRONIZE_CACHE_10, 0, 0, 0);
        command.allowedNs = 2 * timeoutNs;
        command.scsi.prepare(unit.device(), Operation.SYNCHRONIZE_CACHE_10.length(), 0);
    }

    private void transfer(IoCommand command, BdevIo io, Unit unit, long lba, boolean fua) {
        boolean read = io.type() == IoType.READ;
        boolean small = io.blocks() <= SHORT_BLOCKS && lba + io.blocks() - 1 <= SHORT_LBA;
        Operation operation;
        if (read) {
            operation = small ? Operation.READ_10 : Operation.READ_16;
        } else {
            operation = small ? Operation.WRITE_10 : Operation.WRITE_16;
        }
        Cdb.putRange(command.scsi.cdb(), operation, lba, io.blocks(), fua ? Cdb.FUA : 0);
        command.allowedNs = timeoutNs;
        command.scsi.prepare(
                unit.device(), operation.length(), read ? ScsiCommand.READ : ScsiCommand.WRITE, io.data(), 0);
    }

    private void unmap(IoCommand command, BdevIo io, Unit unit, long lba) {
        if (!unit.traits().unmap()) {
            writeSame(command, io, unit, lba, true);
            return;
        }
        BlockRange.putOne(range, lba, io.blocks());
        MemorySegment.copy(range, 0, command.parameters, ValueLayout.JAVA_BYTE, 0, range.length);
        Cdb.putParameters(command.scsi.cdb(), Operation.UNMAP, range.length);
        send(command, unit, Operation.UNMAP, command.parameters, range.length);
    }

    private void writeSame(IoCommand command, BdevIo io, Unit unit, long lba, boolean unmap) {
        Cdb.putRange(command.scsi.cdb(), Operation.WRITE_SAME_16, lba, io.blocks(), unmap ? Cdb.UNMAP : 0);
        send(command, unit, Operation.WRITE_SAME_16, zeroes, unit.traits().blockSize());
    }

    private void send(IoCommand command, Unit unit, Operation operation, MemorySegment from, int bytes) {
        command.allowedNs = 2 * timeoutNs;
        command.parameterList.clear();
        command.parameterList.add(from, 0, bytes);
        command.scsi.prepare(unit.device(), operation.length(), ScsiCommand.WRITE, command.parameterList, 0);
    }
}
