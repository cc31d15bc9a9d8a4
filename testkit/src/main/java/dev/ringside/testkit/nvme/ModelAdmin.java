package dev.ringside.testkit.nvme;

import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** The admin commands of the model. Owned by the model's thread. */
final class ModelAdmin {
    /** Status of a command that ends later. */
    static final int LATER = -1;

    private static final int INVALID_OPCODE = 0x001;
    private static final int INVALID_FIELD = 0x002;
    private static final int INVALID_NAMESPACE = 0x00b;
    private static final int INVALID_QUEUE = 0x101;
    private static final int INVALID_QUEUE_SIZE = 0x102;
    private static final int TOO_MANY_EVENTS = 0x105;
    private static final int ABORT_REQUESTED = 0x007;
    private static final int DO_NOT_RETRY = 1 << 14;
    private static final int EVENT_LIMIT = 3;
    /** In SANICAP, and as SANACT. */
    private static final int BLOCK_ERASE = 2;

    private final NvmeModelSettings settings;
    private final Arena arena;
    private final ModelMemory memory;
    private final Map<Integer, ModelNamespace> namespaces;
    private final Map<Integer, ModelQueue> queues;
    private final ModelDoorbells doorbells;
    private final Map<Integer, Integer> features = new HashMap<>(Map.of(2, 0, 4, 343, 6, 1));
    private int sanitizeLooks;
    private final ArrayDeque<Integer> eventRequests = new ArrayDeque<>();
    private int result;

    ModelAdmin(
            NvmeModelSettings settings,
            Arena arena,
            ModelMemory memory,
            Map<Integer, ModelNamespace> namespaces,
            Map<Integer, ModelQueue> queues,
            ModelDoorbells doorbells) {
        this.settings = settings;
        this.arena = arena;
        this.memory = memory;
        this.namespaces = namespaces;
        this.queues = queues;
        this.doorbells = doorbells;
    }

    void clear() {
        eventRequests.clear();
    }

    /** DW0 of the command that was executed last. */
    int result() {
        return result;
    }

    /** Identifier of a request for events, taken; negative: there is none. */
    int takeEventRequest() {
        Integer request = eventRequests.poll();
        return request == null ? -1 : request;
    }

    /** Carries a command out; returns its status, or {@link #LATER}. */
    int execute(ModelCommand command) throws DmaFault {
        result = 0;
        int status = switch (command.opcode()) {
            case 0x00 -> deleteSubmissions(command);
            case 0x01 -> createSubmissions(command);
            case 0x02 -> logPage(command);
            case 0x04 -> queues.remove(command.cdw10() & 0xffff) == null ? INVALID_QUEUE : 0;
            case 0x05 -> createCompletions(command);
            case 0x06 -> identify(command);
            case 0x08 -> abort(command);
            case 0x09 -> setFeature(command);
            case 0x0a -> getFeature(command);
            case 0x0c -> {
                if (eventRequests.size() > EVENT_LIMIT) {
                    yield TOO_MANY_EVENTS;
                }
                eventRequests.add(command.id());
                yield LATER;
            }
            case 0x7c -> shadowDoorbells(command);
            case 0x80 -> format(command);
            case 0x84 -> sanitize(command);
            default -> INVALID_OPCODE;
        };
        return status > 0 ? status | DO_NOT_RETRY : status;
    }

    private int createCompletions(ModelCommand command) {
        int id = command.cdw10() & 0xffff;
        int entries = (command.cdw10() >>> 16) + 1;
        if (id < 1 || id > settings.maxQueues() || queues.containsKey(id) || (command.cdw11() & 1) == 0) {
            return INVALID_QUEUE;
        }
        if (entries < 2 || entries > settings.maxEntries()) {
            return INVALID_QUEUE_SIZE;
        }
        int vector = (command.cdw11() & 2) != 0 ? command.cdw11() >>> 16 : -1;
        queues.put(id, new ModelQueue(memory, id, command.prp1(), entries, vector));
        return 0;
    }

    private int createSubmissions(ModelCommand command) {
        int id = command.cdw10() & 0xffff;
        ModelQueue queue = queues.get(id);
        if (id == 0 || queue == null || queue.hasSubmissions() || command.cdw11() >>> 16 != id) {
            return INVALID_QUEUE;
        }
        queue.takeSubmissions(command.prp1(), (command.cdw10() >>> 16) + 1);
        return 0;
    }

    private int deleteSubmissions(ModelCommand command) {
        int id = command.cdw10() & 0xffff;
        ModelQueue queue = queues.get(id);
        if (id == 0 || queue == null || !queue.hasSubmissions()) {
            return INVALID_QUEUE;
        }
        queue.dropSubmissions();
        return 0;
    }

    private int abort(ModelCommand command) {
        int id = command.cdw10() >>> 16;
        ModelQueue queue = queues.get(command.cdw10() & 0xffff);
        result = 1;
        if (queue != null && queue.hanging.removeIf(hanging -> hanging.id() == id)) {
            queue.complete(id, 0, ABORT_REQUESTED);
            result = 0;
        }
        return 0;
    }

    private int setFeature(ModelCommand command) {
        int feature = command.cdw10() & 0xff;
        switch (feature) {
            case 0x07 -> {
                int last = Math.min(settings.maxQueues(), (command.cdw11() & 0xffff) + 1) - 1;
                result = last << 16 | last;
            }
            case 0x0b -> result = command.cdw11();
            default -> {
                return features.replace(feature, command.cdw11()) == null ? INVALID_FIELD : 0;
            }
        }
        return 0;
    }

    private int getFeature(ModelCommand command) {
        Integer value = features.get(command.cdw10() & 0xff);
        if (value == null) {
            return INVALID_FIELD;
        }
        result = value;
        return 0;
    }

    private int shadowDoorbells(ModelCommand command) throws DmaFault {
        if (!settings.shadows()) {
            return INVALID_OPCODE;
        }
        if (((command.prp1() | command.prp2()) & 4095) != 0) {
            return INVALID_FIELD;
        }
        memory.at(command.prp1(), 4096);
        memory.at(command.prp2(), 4096);
        doorbells.shadow(command.prp1(), command.prp2());
        return 0;
    }

    private int format(ModelCommand command) {
        ModelNamespace before = namespaces.get(command.nsid());
        int format = command.cdw10() & 0xf;
        if (before == null || format == 0 || format > 2) {
            return INVALID_FIELD;
        }
        int blockShift = format == 1 ? before.shape.blockShift() : 12;
        namespaces.put(command.nsid(), before.formatted(arena, blockShift));
        return 0;
    }

    private int sanitize(ModelCommand command) {
        if ((command.cdw10() & 7) != BLOCK_ERASE) {
            return INVALID_FIELD;
        }
        namespaces.values().forEach(ModelNamespace::erase);
        sanitizeLooks = 3;
        return 0;
    }

    private int identify(ModelCommand command) throws DmaFault {
        MemorySegment page = memory.at(command.prp1(), 4096);
        page.fill((byte) 0);
        ModelNamespace namespace = namespaces.get(command.nsid());
        switch (command.cdw10() & 0xff) {
            case 0x00 -> {
                if (command.nsid() == 0 || command.nsid() > 1024) {
                    return INVALID_NAMESPACE;
                }
                if (namespace != null) {
                    describe(page, namespace);
                }
            }
            case 0x01 -> describeController(page);
            case 0x02 -> {
                long at = 0;
                for (int nsid : namespaces.keySet()) {
                    if (nsid > command.nsid()) {
                        page.set(ValueLayout.JAVA_INT_UNALIGNED, at, nsid);
                        at += 4;
                    }
                }
            }
            case 0x03 -> {
                if (namespace == null) {
                    return INVALID_NAMESPACE;
                }
                // The UUID, then the command set.
                page.set(ValueLayout.JAVA_BYTE, 0, (byte) 3);
                page.set(ValueLayout.JAVA_BYTE, 1, (byte) 16);
                page.asSlice(4, 16).fill((byte) (0x50 + command.nsid()));
                page.set(ValueLayout.JAVA_BYTE, 20, (byte) 4);
                page.set(ValueLayout.JAVA_BYTE, 21, (byte) 1);
                page.set(ValueLayout.JAVA_BYTE, 24, (byte) namespace.shape.csi());
            }
            default -> {
                return INVALID_FIELD;
            }
        }
        return 0;
    }

    private void describeController(MemorySegment page) {
        text(page, 4, 20, "MODEL0001");
        text(page, 24, 40, "Ringside NVMe model");
        text(page, 64, 8, "1.0");
        page.set(ValueLayout.JAVA_BYTE, 77, (byte) settings.mdts());
        page.set(ValueLayout.JAVA_INT_UNALIGNED, 80, 0x10400);
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 128, (short) settings.retryDelay());
        // Format NVM, and Doorbell Buffer Config.
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 256, (short) (1 << 1 | (settings.shadows() ? 1 << 8 : 0)));
        page.set(ValueLayout.JAVA_BYTE, 258, (byte) 3);
        page.set(ValueLayout.JAVA_BYTE, 259, (byte) EVENT_LIMIT);
        page.set(ValueLayout.JAVA_BYTE, 262, (byte) 7);
        page.set(ValueLayout.JAVA_INT_UNALIGNED, 328, BLOCK_ERASE);
        page.set(ValueLayout.JAVA_BYTE, 512, (byte) 0x66);
        page.set(ValueLayout.JAVA_BYTE, 513, (byte) 0x44);
        page.set(ValueLayout.JAVA_INT_UNALIGNED, 516, 1024);
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 520, (short) 0x18d);
        page.set(ValueLayout.JAVA_BYTE, 525, (byte) 1);
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 534, (short) 1);
        page.set(ValueLayout.JAVA_INT_UNALIGNED, 536, settings.sgls());
        text(page, 768, 256, "nqn.2026-01.dev.ringside:model");
    }

    private static void describe(MemorySegment page, ModelNamespace namespace) {
        page.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, namespace.blocks);
        page.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, namespace.blocks);
        page.set(ValueLayout.JAVA_LONG_UNALIGNED, 16, namespace.blocks);
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 74, (short) namespace.shape.mssrl());
        page.set(ValueLayout.JAVA_INT_UNALIGNED, 76, namespace.shape.mcl());
        // Three formats, the second in use.
        page.set(ValueLayout.JAVA_BYTE, 25, (byte) 2);
        page.set(ValueLayout.JAVA_BYTE, 26, (byte) 1);
        page.set(ValueLayout.JAVA_BYTE, 130, (byte) 9);
        page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 132, (short) namespace.shape.metadata());
        page.set(ValueLayout.JAVA_BYTE, 134, (byte) namespace.shape.blockShift());
        page.set(ValueLayout.JAVA_BYTE, 138, (byte) 12);
    }

    private int logPage(ModelCommand command) throws DmaFault {
        int bytes = ((command.cdw10() >>> 16) + 1) * 4;
        MemorySegment page = memory.at(command.prp1(), bytes);
        page.fill((byte) 0);
        switch (command.cdw10() & 0xff) {
            case 0x01 -> {
                // One error, of a write of I/O queue 1.
                page.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 9L);
                page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 8, (short) 1);
                page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 12, (short) (0x281 << 1));
                page.set(ValueLayout.JAVA_LONG_UNALIGNED, 16, 77L);
                page.set(ValueLayout.JAVA_INT_UNALIGNED, 24, 1);
            }
            case 0x03 -> {
                page.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x21);
                text(page, 8, 8, "1.0");
                text(page, 16, 8, "1.1");
            }
            case 0x04 -> {}
            case 0x81 -> {
                sanitizeLooks = Math.max(0, sanitizeLooks - 1);
                page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) (sanitizeLooks == 0 ? 0xffff : 0x8000));
                page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2, (short) (sanitizeLooks == 0 ? 1 : 2));
            }
            case 0x02 -> {
                page.set(ValueLayout.JAVA_SHORT_UNALIGNED, 1, (short) 310);
                page.set(ValueLayout.JAVA_BYTE, 3, (byte) 100);
                page.set(ValueLayout.JAVA_BYTE, 4, (byte) 10);
                page.set(ValueLayout.JAVA_BYTE, 5, (byte) 7);
                page.set(ValueLayout.JAVA_LONG_UNALIGNED, 32, 12345L);
                page.set(ValueLayout.JAVA_LONG_UNALIGNED, 40, 1L);
            }
            default -> {
                return 0x109;
            }
        }
        return 0;
    }

    private static void text(MemorySegment page, int at, int length, String text) {
        MemorySegment field = page.asSlice(at, length);
        field.fill((byte) ' ');
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, field, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
}
