package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.queue.Unit;
import java.util.List;

/** A disk behind a host. Any thread. */
public final class ScsiDisk {
    private final ScsiHost host;
    private final String name;
    private final Unit unit;
    private final RangeClaims claims;
    private volatile DiskDescription description;
    private volatile boolean gone;

    /**
     * Makes one.
     *
     * @param claims of whatever else stands for the same disk, too
     */
    ScsiDisk(ScsiHost host, String name, ScsiDevice device, DiskDescription description, RangeClaims claims) {
        this.host = host;
        this.name = name;
        this.unit = new Unit(device, description.traits());
        this.description = description;
        this.claims = claims;
    }

    /** The host that it is behind. */
    public ScsiHost host() {
        return host;
    }

    /** Its name, such as {@code sda}. */
    public String name() {
        return name;
    }

    /** Whether it is called so, by its name or by its stable name. */
    public boolean isCalled(String what) {
        return name.equals(what) || description.stableName().equals(what);
    }

    /** Where it is. */
    public ScsiDevice device() {
        return unit.device();
    }

    /** What it says that it is, as of the last look. */
    public DiskDescription description() {
        return description;
    }

    /** Whether it has gone; another object stands for it if it comes back. */
    public boolean isGone() {
        return gone;
    }

    /** Who has ranges of it, in the order of their blocks. */
    public List<String> owners() {
        return claims.list().stream().map(RangeClaims.Claim::owner).toList();
    }

    Unit unit() {
        return unit;
    }

    RangeClaims claims() {
        return claims;
    }

    void markGone() {
        gone = true;
    }

    void changed(DiskDescription found) {
        description = found;
        unit.changed(found.traits());
    }
}
