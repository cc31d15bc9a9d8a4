package dev.ringside.testkit.scsi;

import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.LunAddress;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Designator;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.inquiry.Provisioning;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A disk in memory, as one logical unit sees itself, be it of a simulated host or behind a model of an adapter. One thread at a time. */
public final class SimDisk implements AutoCloseable {
    private static final int NO_BYTES = 0;
    private static final long MAX_WRITE_SAME = 1 << 14;
    private static final long MAX_UNMAP = 1 << 16;

    final SimDiskSettings settings;
    final MemorySegment content;
    /** What it tells with the next commands, one each. */
    final Queue<Sense> attentions = new ArrayDeque<>();
    /** Blocks that cannot be read. */
    final Set<Long> spoilt = new HashSet<>();

    long numBlocks;

    /** Whether its target has it among its logical units. */
    boolean listed = true;

    private final @Nullable Mapping memory;

    /** Makes one that has been switched on; its memory has room to grow by half. */
    SimDisk(SimDiskSettings settings) throws LinuxException {
        this(settings, Mapping.anonymous(settings.numBlocks() * settings.blockSize() * 3 / 2));
    }

    private SimDisk(SimDiskSettings settings, Mapping memory) {
        this(settings, memory.segment(), memory);
    }

    /** Makes one that has been switched on, and is on the heap: it need not be closed, and never grows. */
    public SimDisk(SimDiskSettings settings, byte[] content) {
        this(settings, MemorySegment.ofArray(content), null);
    }

    private SimDisk(SimDiskSettings settings, MemorySegment content, @Nullable Mapping memory) {
        this.settings = settings;
        this.numBlocks = settings.numBlocks();
        this.memory = memory;
        this.content = content;
        attentions.add(Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.POWER_ON_OCCURRED));
    }

    /**
     * Carries a command out; how many bytes were moved.
     *
     * @param units logical units of its target, by their numbers
     * @throws CheckCondition what it says instead
     */
    public long execute(byte[] cdb, ScatterList data, List<SimDisk> units) throws CheckCondition {
        Operation operation = Operation.of(cdb);
        if (operation == null) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.INVALID_COMMAND_OPERATION_CODE));
        }
        if (operation == Operation.INQUIRY) {
            return send(inquiry(cdb), cdb, operation, data);
        }
        if (operation == Operation.REPORT_LUNS) {
            return send(
                    LunAddress.list(LongStream.range(0, units.size())
                            .filter(unit -> units.get((int) unit).listed)
                            .map(unit -> unit << 48)
                            .boxed()
                            .toList()),
                    cdb,
                    operation,
                    data);
        }
        if (!attentions.isEmpty()) {
            throw new CheckCondition(attentions.remove());
        }
        return switch (operation) {
            case TEST_UNIT_READY, START_STOP_UNIT, SYNCHRONIZE_CACHE_10, SYNCHRONIZE_CACHE_16 -> NO_BYTES;
            case READ_CAPACITY_10 -> send(capacity().shortBytes(), data);
            case READ_CAPACITY_16 -> send(capacity().longBytes(), cdb, operation, data);
            case MODE_SENSE_6 -> send(mode(cdb), cdb, operation, data);
            case READ_10, READ_16 -> read(cdb, data);
            case WRITE_10, WRITE_16 -> write(cdb, data);
            case WRITE_SAME_16 -> writeSame(cdb, data);
            case UNMAP -> unmap(data);
            default -> throw new CheckCondition(Sense.illegal(AdditionalSense.INVALID_COMMAND_OPERATION_CODE));
        };
    }

    /** A reset has happened, and nothing else is to be told any more. */
    public void reset() {
        attentions.clear();
        attentions.add(Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED));
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }

    private byte[] inquiry(byte[] cdb) throws CheckCondition {
        if ((cdb[1] & 1) == 0) {
            return new InquiryData(
                            InquiryData.CONNECTED,
                            InquiryData.DISK,
                            InquiryData.SPC_4_VERSION,
                            false,
                            false,
                            false,
                            true,
                            "RINGSIDE",
                            "SIMULATED DISK",
                            "1",
                            List.of(InquiryData.SPC_4))
                    .bytes();
        }
        boolean thin = settings.thin();
        return switch (BigEndian.u8(cdb, 2)) {
            case Vpd.SUPPORTED ->
                Vpd.supported(List.of(
                        Vpd.SUPPORTED,
                        Vpd.SERIAL,
                        Vpd.IDENTIFICATION,
                        Vpd.BLOCK_LIMITS,
                        Vpd.BLOCK_CHARACTERISTICS,
                        Vpd.PROVISIONING));
            case Vpd.SERIAL -> Vpd.serial(settings.serial());
            case Vpd.IDENTIFICATION ->
                Vpd.identification(List.of(Designator.naa(Designator.UNIT, NaaName.of(settings.serial()))));
            case Vpd.BLOCK_LIMITS ->
                Vpd.blockLimits(new BlockLimits(
                        true,
                        0,
                        1,
                        0,
                        0,
                        0,
                        thin ? MAX_UNMAP : 0,
                        thin ? 1 : 0,
                        thin ? 1 : 0,
                        false,
                        0,
                        thin ? MAX_WRITE_SAME : 0));
            case Vpd.BLOCK_CHARACTERISTICS -> Vpd.blockCharacteristics(thin ? Vpd.SOLID : 7200);
            case Vpd.PROVISIONING ->
                Vpd.provisioning(new Provisioning(thin, thin, false, thin, false, thin ? Provisioning.THIN : 0));
            default -> throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
        };
    }

    private Capacity capacity() {
        return new Capacity(numBlocks, settings.blockSize(), 0, settings.thin(), settings.thin());
    }

    private byte[] mode(byte[] cdb) throws CheckCondition {
        byte[] data = new ModeData(false, numBlocks, settings.blockSize())
                .sense(
                        ModeParameters.initial(settings.writeCache()),
                        false,
                        (cdb[1] & 8) == 0,
                        false,
                        ModeParameters.Control.CURRENT,
                        cdb[2] & 0x3f,
                        cdb[3]);
        if (!settings.fua()) {
            data[2] &= (byte) ~ModeData.DPOFUA;
        }
        return data;
    }

    private long read(byte[] cdb, ScatterList data) throws CheckCondition {
        MemorySegment range = range(cdb);
        for (long block : spoilt) {
            if (block >= Cdb.lba(cdb) && block < Cdb.lba(cdb) + Cdb.blocks(cdb)) {
                throw new CheckCondition(Sense.of(SenseKey.MEDIUM_ERROR, AdditionalSense.UNRECOVERED_READ_ERROR));
            }
        }
        long bytes = Math.min(range.byteSize(), data.bytes());
        data.copyFrom(range, 0, bytes);
        return bytes;
    }

    private long write(byte[] cdb, ScatterList data) throws CheckCondition {
        MemorySegment range = range(cdb);
        if (Cdb.fua(cdb) && !settings.fua()) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(1, 3)));
        }
        long bytes = Math.min(range.byteSize(), data.bytes());
        data.copyTo(range, 0, bytes);
        return bytes;
    }

    private long writeSame(byte[] cdb, ScatterList data) throws CheckCondition {
        MemorySegment range = range(cdb);
        if (!settings.thin() || Cdb.blocks(cdb) > MAX_WRITE_SAME) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(10)));
        }
        int size = settings.blockSize();
        data.copyTo(range, 0, size);
        for (long at = size; at < range.byteSize(); at += size) {
            MemorySegment.copy(range, 0, range, at, size);
        }
        return size;
    }

    private long unmap(ScatterList data) throws CheckCondition {
        byte[] list = new byte[(int) data.bytes()];
        data.copyTo(MemorySegment.ofArray(list), 0, list.length);
        for (BlockRange range : BlockRange.parse(list, settings.thin() ? 1 : 0)) {
            if (range.blocks() > MAX_UNMAP) {
                throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(16)));
            }
            blocks(range.lba(), range.blocks()).fill((byte) 0);
        }
        return list.length;
    }

    private MemorySegment range(byte[] cdb) throws CheckCondition {
        return blocks(Cdb.lba(cdb), Cdb.blocks(cdb));
    }

    private MemorySegment blocks(long lba, long blocks) throws CheckCondition {
        if (lba < 0 || lba > numBlocks || blocks > numBlocks - lba) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE));
        }
        return content.asSlice(lba * settings.blockSize(), blocks * settings.blockSize());
    }

    private static long send(byte[] answer, byte[] cdb, Operation operation, ScatterList data) {
        long allowed = Math.min(Cdb.length(operation, cdb), answer.length);
        return send(Arrays.copyOf(answer, (int) allowed), data);
    }

    private static long send(byte[] answer, ScatterList data) {
        long bytes = Math.min(answer.length, data.bytes());
        data.copyFrom(MemorySegment.ofArray(answer), 0, bytes);
        return bytes;
    }
}
