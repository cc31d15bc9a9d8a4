package dev.ringside.testkit.fuzz;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.Errno;
import dev.ringside.vhost.scsi.ScsiDevice;
import dev.ringside.vhost.scsi.unit.Naming;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;

/**
 * The logical units of the SCSI device that is attacked: in target 0 a RAM disk and a file, in target 1 a file that is only read.
 * One thread.
 */
final class FuzzUnits {
    private static final String RAM = "unit-ram";
    private static final String FILE = "unit-file";
    private static final String READ_ONLY = "unit-readonly";

    private final Path directory;
    private final BdevRegistry registry;
    private final ScsiDevice device;
    private final MallocBdev ram;

    /**
     * Makes the disks, and adds them to a device.
     *
     * @param directory where files and the target's reservations are
     */
    FuzzUnits(Path directory, BdevRegistry registry, ScsiDevice device) throws IOException, BdevException {
        this.directory = directory;
        this.registry = registry;
        this.device = device;
        this.ram = MallocBdev.create(new MallocOptions(RAM, ScsiCommands.BLOCK, ScsiCommands.BLOCKS));
        registry.register(ram);
        file(FILE, false);
        file(READ_ONLY, true);
        add();
    }

    private void file(String name, boolean readOnly) throws IOException, BdevException {
        Path path = directory.resolve(name);
        try (RandomAccessFile disk = new RandomAccessFile(path.toFile(), "rw")) {
            disk.setLength((long) ScsiCommands.BLOCKS * ScsiCommands.BLOCK);
        }
        registry.register(FileBdev.open(
                new FileOptions(
                        name, UUID.randomUUID(), path, FileOptions.URING, ScsiCommands.BLOCK, readOnly, !readOnly),
                new UringGroup()));
    }

    private void add() throws BdevException {
        device.add(0, 0, registry, RAM, Naming.FROM_BDEV);
        device.add(0, 1, registry, FILE, Naming.FROM_BDEV);
        device.add(1, 0, registry, READ_ONLY, Naming.FROM_BDEV);
    }

    /**
     * What an operator does with units that are used.
     *
     * @param operation which of all that there is, modulo their number
     * @throws BdevException if it failed, and not because a unit is there already, or not any more, or not yet free
     */
    void operate(int operation) throws BdevException {
        try {
            switch (operation % 6) {
                case 0 -> ram.resize(registry, ScsiCommands.BLOCKS / 2);
                case 1 -> ram.resize(registry, ScsiCommands.BLOCKS);
                case 2 -> device.remove(0, 1);
                case 3 -> device.add(0, 1, registry, FILE, Naming.FROM_BDEV);
                case 4 -> device.remove(1);
                default -> device.add(1, 0, registry, READ_ONLY, Naming.FROM_BDEV);
            }
        } catch (BdevException e) {
            if (!Set.of(Errno.EBUSY, Errno.EEXIST, Errno.ENODEV).contains(e.errno())) {
                throw e;
            }
        }
    }

    /**
     * Takes all units away and adds them anew, so that the next session finds none reserved, stopped or changed. Nobody is
     * connected.
     */
    void renew() throws IOException, BdevException {
        for (int target : Set.copyOf(device.targets().keySet())) {
            device.remove(target);
        }
        try (var files = Files.newDirectoryStream(directory, "*.reservations")) {
            for (Path each : files) {
                Files.delete(each);
            }
        }
        if (ram.info().numBlocks() != ScsiCommands.BLOCKS) {
            ram.resize(registry, ScsiCommands.BLOCKS);
        }
        add();
    }
}
