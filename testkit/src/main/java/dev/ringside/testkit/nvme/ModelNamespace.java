package dev.ringside.testkit.nvme;

import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A namespace with its data. Owned by the model's thread. */
final class ModelNamespace {
    private static final int FLUSH = 0x00;
    private static final int WRITE = 0x01;
    private static final int READ = 0x02;
    private static final int COMPARE = 0x05;
    private static final int WRITE_ZEROES = 0x08;
    private static final int DSM = 0x09;
    private static final int VERIFY = 0x0c;
    private static final int COPY = 0x19;

    private static final int INVALID_OPCODE = 0x001;
    private static final int INVALID_FIELD = 0x002;
    private static final int LBA_OUT_OF_RANGE = 0x080;
    private static final int UNRECOVERED_READ_ERROR = 0x281;
    private static final int COMPARE_FAILURE = 0x285;
    private static final int COMMAND_SIZE_LIMIT_EXCEEDED = 0x183;
    private static final int DO_NOT_RETRY = 1 << 14;

    final NvmeModelSettings.Namespace shape;
    final long blocks;
    /** One that cannot be read; negative: there is none. */
    long badBlock = -1;

    private final MemorySegment data;

    ModelNamespace(Arena arena, NvmeModelSettings.Namespace shape) {
        this.shape = shape;
        this.blocks = shape.blocks();
        this.data = arena.allocate(blocks << shape.blockShift(), 4096);
    }

    private ModelNamespace(Arena arena, ModelNamespace before, int blockShift, long blocks) {
        this.shape = new NvmeModelSettings.Namespace(
                before.shape.nsid(),
                blockShift,
                blocks,
                before.shape.metadata(),
                before.shape.csi(),
                before.shape.mssrl(),
                before.shape.mcl());
        this.blocks = blocks;
        this.data = arena.allocate(blocks << shape.blockShift(), 4096);
        long kept = Math.min(data.byteSize(), before.data.byteSize());
        MemorySegment.copy(before.data, 0, data, 0, kept);
    }

    /** The same with another capacity. */
    ModelNamespace resized(Arena arena, int blockShift, long size) {
        return new ModelNamespace(arena, this, blockShift, size);
    }

    /** The same without its data, in blocks of another length. */
    ModelNamespace formatted(Arena arena, int blockShift) {
        ModelNamespace empty = resized(arena, blockShift, blocks << shape.blockShift() >> blockShift);
        empty.erase();
        return empty;
    }

    void erase() {
        data.fill((byte) 0);
    }

    /** Carries a command out; returns its status. */
    int execute(ModelMemory memory, ModelCommand command, int sgls, long maxBytes) throws DmaFault {
        return switch (command.opcode()) {
            case FLUSH -> 0;
            case READ, WRITE, COMPARE -> transfer(memory, command, sgls, maxBytes);
            case VERIFY -> readable(command);
            case WRITE_ZEROES -> zero(command.lba(), command.blocks());
            case DSM -> deallocate(memory, command, sgls);
            case COPY -> copy(memory, command, sgls);
            default -> INVALID_OPCODE | DO_NOT_RETRY;
        };
    }

    private int transfer(ModelMemory memory, ModelCommand command, int sgls, long maxBytes) throws DmaFault {
        long bytes = command.blocks() << shape.blockShift();
        int status = command.opcode() == WRITE ? known(command) : readable(command);
        if (status != 0) {
            return status;
        }
        if (bytes > maxBytes) {
            return INVALID_FIELD | DO_NOT_RETRY;
        }
        long at = command.lba() << shape.blockShift();
        for (MemorySegment part : ModelData.of(memory, command, bytes, sgls)) {
            long length = part.byteSize();
            if (command.opcode() == WRITE) {
                MemorySegment.copy(part, 0, data, at, length);
            } else if (command.opcode() == COMPARE) {
                if (part.mismatch(data.asSlice(at, length)) >= 0) {
                    return COMPARE_FAILURE | DO_NOT_RETRY;
                }
            } else {
                MemorySegment.copy(data, at, part, 0, length);
            }
            at += length;
        }
        return 0;
    }

    private int known(ModelCommand command) {
        return known(command.lba(), command.blocks());
    }

    private int known(long lba, long count) {
        return inside(lba, count) ? 0 : LBA_OUT_OF_RANGE | DO_NOT_RETRY;
    }

    private int readable(ModelCommand command) {
        return readable(command.lba(), command.blocks());
    }

    private int readable(long lba, long count) {
        boolean bad = badBlock >= lba && badBlock < lba + count;
        return bad ? UNRECOVERED_READ_ERROR | DO_NOT_RETRY : known(lba, count);
    }

    /** Of one source range in descriptor format 0h, as the driver names it. */
    private int copy(ModelMemory memory, ModelCommand command, int sgls) throws DmaFault {
        MemorySegment range = ModelData.of(memory, command, 32, sgls).getFirst();
        long from = range.get(ValueLayout.JAVA_LONG_UNALIGNED, 8);
        long count = (range.get(ValueLayout.JAVA_SHORT_UNALIGNED, 16) & 0xffff) + 1L;
        boolean plain = range.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) == 0
                && range.get(ValueLayout.JAVA_LONG_UNALIGNED, 24) == 0
                && range.get(ValueLayout.JAVA_LONG_UNALIGNED, 16) == count - 1;
        if (command.cdw12() != 0 || !plain || Math.abs(from - command.lba()) < count) {
            return INVALID_FIELD | DO_NOT_RETRY;
        }
        if (count > Math.min(shape.mssrl(), shape.mcl())) {
            return COMMAND_SIZE_LIMIT_EXCEEDED | DO_NOT_RETRY;
        }
        int status = readable(from, count);
        if (status == 0) {
            status = known(command.lba(), count);
        }
        if (status == 0) {
            int shift = shape.blockShift();
            MemorySegment.copy(data, from << shift, data, command.lba() << shift, count << shift);
        }
        return status;
    }

    private int zero(long lba, long count) {
        if (!inside(lba, count)) {
            return LBA_OUT_OF_RANGE | DO_NOT_RETRY;
        }
        data.asSlice(lba << shape.blockShift(), count << shape.blockShift()).fill((byte) 0);
        return 0;
    }

    private int deallocate(ModelMemory memory, ModelCommand command, int sgls) throws DmaFault {
        int ranges = (command.cdw10() & 0xff) + 1;
        int status = 0;
        if ((command.cdw11() & 4) == 0) {
            return status;
        }
        MemorySegment list = ModelData.of(memory, command, 16L * ranges, sgls).getFirst();
        for (int i = 0; i < ranges && status == 0; i++) {
            status = zero(
                    list.get(ValueLayout.JAVA_LONG_UNALIGNED, 16L * i + 8),
                    Integer.toUnsignedLong(list.get(ValueLayout.JAVA_INT_UNALIGNED, 16L * i + 4)));
        }
        return status;
    }

    private boolean inside(long lba, long count) {
        return lba >= 0 && lba <= blocks && count <= blocks - lba;
    }
}
