package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.scsi.DiskDescription;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.env.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of SCSI disks among the disks of the daemon: they go with their disks, and come back with them. Any thread; whoever
 * changes something holds the {@link ControlLock}.
 */
public final class ScsiParts {
    /** Named for what the messages are about, so that the component's log flag covers them. */
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);

    private final Disks disks;
    private final ScsiHosts hosts;
    /** What is made when its disk comes, or comes back. */
    private final MissedParts missed = new MissedParts();

    /**
     * A part of a disk, as an operator wants it.
     *
     * @param device name of the disk, such as sda, or its stable name
     * @param offset in bytes
     * @param size in bytes; 0: to the end of the disk
     * @param waits whether it is no error that there is no such disk: the part is made when it comes
     */
    public record Part(String name, String device, long offset, long size, boolean waits) {
        /** A part of a disk that has to be there. */
        public Part(String name, String device, long offset, long size) {
            this(name, device, offset, size, false);
        }
    }

    ScsiParts(Disks disks, ScsiHosts hosts) {
        this.disks = disks;
        this.hosts = hosts;
    }

    /**
     * Makes a part of a disk known as a disk of the daemon.
     *
     * @throws BdevException what {@link ScsiBdev#create} says, ENODEV if there is no such disk, EEXIST if the name is taken, EINVAL
     *     if it shall wait for a disk that it does not know by its stable name
     */
    public void create(Part part) throws BdevException {
        if (part.waits() && hosts.present(part.device()).isEmpty()) {
            expect(part);
            return;
        }
        ScsiDisk disk = hosts.disk(part.device());
        ScsiBdev bdev = ScsiBdev.create(part.name(), disk, new ScsiBdev.Range(part.offset(), part.size()));
        Part again = new Part(part.name(), disk.description().stableName(), part.offset(), part.size(), part.waits());
        disks.add(new Disk(DiskKind.SCSI, bdev, PartParams.of(again)));
        missed.remove(part.name());
    }

    private void expect(Part part) throws BdevException {
        if (!DiskDescription.isStableName(part.device())) {
            throw new BdevException(
                    Errno.EINVAL,
                    part.device()
                            + " is not there: a disk is waited for by its stable name only, such as naa.5000c500a1b2c3d4");
        }
        if (disks.made(part.name()).isPresent() || missed.has(part.name())) {
            throw new BdevException(Errno.EEXIST, "there is a bdev " + part.name() + " already");
        }
        missed.add(part);
    }

    /**
     * Takes a part of a disk away from its users.
     *
     * @return done when the last of them has let go; to be awaited without the lock
     * @throws BdevException ENODEV if there is none
     */
    public CompletableFuture<Void> delete(String name) throws BdevException {
        if (missed.remove(name)) {
            return CompletableFuture.completedFuture(null);
        }
        return disks.remove(DiskKind.SCSI, name);
    }

    /** What is made when its disk comes, or comes back, in the order in which it was missed. */
    public List<Part> missed() {
        return missed.list();
    }

    /**
     * Takes the parts of a disk that has gone away from their users, and misses them.
     *
     * @return for each part, done when the last of its users has let go
     */
    List<CompletableFuture<Void>> miss(ScsiDisk disk) {
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (Disk part : partsOf(disk)) {
            missed.add(PartParams.parse(part.params()));
            gone.add(remove(part));
        }
        return gone;
    }

    /** Makes what was missed and whose disk is there; how many that are. What cannot be made goes on being missed. */
    int restore() {
        int made = 0;
        for (Part part : missed.list()) {
            if (hosts.present(part.device()).isPresent()) {
                try {
                    create(part);
                    made++;
                } catch (BdevException e) {
                    LOG.warn("{}, whose disk is there, cannot be made now: {}", part.name(), e.getMessage());
                }
            }
        }
        return made;
    }

    /** Has the parts that reach to the end of a disk follow its size. */
    void adapt(ScsiDisk disk) throws BdevException {
        for (Disk part : partsOf(disk)) {
            if (part.bdev() instanceof ScsiBdev bdev && bdev.adapt()) {
                disks.registry().resized(bdev);
            }
        }
    }

    /**
     * Takes all parts of a host's disks away from their users.
     *
     * @return done when the last of them has let go
     */
    CompletableFuture<Void> removeAll(ScsiHost host) {
        return CompletableFuture.allOf(disks.list().stream()
                .filter(disk ->
                        disk.bdev() instanceof ScsiBdev bdev && bdev.disk().host() == host)
                .map(this::remove)
                .toArray(CompletableFuture[]::new));
    }

    private List<Disk> partsOf(ScsiDisk disk) {
        return disks.list().stream()
                .filter(part -> part.bdev() instanceof ScsiBdev bdev && bdev.disk() == disk)
                .toList();
    }

    private CompletableFuture<Void> remove(Disk part) {
        try {
            return disks.remove(DiskKind.SCSI, part.bdev().info().name());
        } catch (BdevException e) {
            // Somebody was faster.
            return CompletableFuture.completedFuture(null);
        }
    }
}
