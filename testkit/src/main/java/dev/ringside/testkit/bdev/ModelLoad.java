package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Random requests, many at once, against a model of what the device holds. Requests that are in flight together do not
 * touch the same blocks if one of them modifies; everything else is left to chance.
 */
final class ModelLoad {
    private static final int MAX_BYTES = 64 << 10;

    private final BdevRig rig;
    private final int size;
    private final MemorySegment model;
    private final boolean[] known;
    /** For each block how many readers it has, or -1 for a writer. */
    private final int[] users;

    private final Deque<Slot> free = new ArrayDeque<>();
    private final int depth;
    private int ended;

    ModelLoad(BdevRig rig, int depth) {
        this.rig = rig;
        this.depth = depth;
        this.size = rig.info.blockSize();
        int blocks = (int) rig.blocks(4 << 20);
        this.model = MemorySegment.ofArray(new byte[blocks * size]);
        this.known = new boolean[blocks];
        this.users = new int[blocks];
        Arrays.fill(known, true);
        for (int i = 0; i < depth; i++) {
            free.add(new Slot(rig.memory(MAX_BYTES + 64)));
        }
    }

    void run(int count) {
        model.copyFrom(rig.read(0, known.length));
        int submitted = 0;
        while (ended < count) {
            int before = ended;
            while (submitted < count && !free.isEmpty() && start(free.element())) {
                submitted++;
            }
            rig.await("a request of the load", () -> ended > before);
        }
        assertThat(free).hasSize(depth);
    }

    /** Starts a random request in the slot, which is the first free one; false if it would touch what is in use. */
    private boolean start(Slot slot) {
        IoType type = randomType();
        int blocks = 1 + rig.random.nextInt(MAX_BYTES / size);
        int lba = rig.random.nextInt(known.length - blocks + 1);
        if (type == IoType.FLUSH) {
            blocks = 0;
        } else if (!available(lba, blocks, type)) {
            return false;
        }
        free.remove();
        use(lba, blocks, type.modifies() ? -1 : 1);
        slot.begin(type, lba, blocks);
        rig.channel.submit(slot.request.io);
        return true;
    }

    private IoType randomType() {
        int dice = rig.random.nextInt(20);
        IoType type = dice < 9
                ? IoType.WRITE
                : dice < 17 ? IoType.READ : dice == 17 ? IoType.WRITE_ZEROES : dice == 18 ? IoType.UNMAP : IoType.FLUSH;
        return rig.supports(type) ? type : IoType.READ;
    }

    private boolean available(int lba, int blocks, IoType type) {
        for (int i = lba; i < lba + blocks; i++) {
            if (users[i] < 0 || (users[i] > 0 && type.modifies())) {
                return false;
            }
        }
        return true;
    }

    private void use(int lba, int blocks, int change) {
        for (int i = lba; i < lba + blocks; i++) {
            users[i] += change;
        }
    }

    /** One of the requests that can be in flight. */
    private final class Slot {
        private final TestRequest request = new TestRequest();
        private final MemorySegment memory;
        private int lba;
        private int blocks;

        Slot(MemorySegment memory) {
            this.memory = memory;
            request.whenDone = this::done;
        }

        void begin(IoType type, int first, int count) {
            lba = first;
            blocks = count;
            int flags = rig.random.nextInt(8) > 0 ? 0 : BdevIo.FUA;
            if (type == IoType.WRITE_ZEROES && rig.random.nextInt(8) == 0) {
                flags |= BdevIo.MAY_UNMAP;
            }
            request.data.clear();
            if (type.movesData()) {
                // Three extents, aligned or not.
                long shift = rig.random.nextInt(3) > 0 ? 0 : rig.random.nextInt(64);
                long bytes = (long) blocks * size;
                long split = rig.random.nextBoolean() ? bytes / 2 & -512 : rig.random.nextLong(bytes);
                request.data.add(memory, shift, split);
                request.data.add(memory, shift + split, bytes - split);
            }
            if (type == IoType.WRITE) {
                byte[] content = new byte[blocks * size];
                rig.random.nextBytes(content);
                request.data.copyFrom(MemorySegment.ofArray(content), 0, content.length);
                update(MemorySegment.ofArray(content));
            } else if (type == IoType.WRITE_ZEROES) {
                update(MemorySegment.ofArray(new byte[blocks * size]));
            } else if (type == IoType.UNMAP) {
                Arrays.fill(known, lba, lba + blocks, false);
            }
            request.with(type, lba, blocks, type == IoType.WRITE || type == IoType.WRITE_ZEROES ? flags : 0);
        }

        private void update(MemorySegment content) {
            MemorySegment.copy(content, 0, model, (long) lba * size, content.byteSize());
            Arrays.fill(known, lba, lba + blocks, true);
        }

        private void done() {
            IoType type = request.io.type();
            assertThat(request.status)
                    .as("%s of %d blocks at %d", type, blocks, lba)
                    .isEqualTo(IoStatus.OK);
            if (type == IoType.READ && rig.subject.keepsData()) {
                compare();
            }
            use(lba, blocks, type.modifies() ? 1 : -1);
            ended++;
            free.add(this);
        }

        private void compare() {
            MemorySegment found = MemorySegment.ofArray(new byte[blocks * size]);
            request.data.copyTo(found, 0, found.byteSize());
            for (int i = 0; i < blocks; i++) {
                if (known[lba + i]) {
                    MemorySegment expected = model.asSlice((long) (lba + i) * size, size);
                    BdevRig.assertSame(found.asSlice((long) i * size, size), expected, "block " + (lba + i));
                }
            }
        }
    }
}
