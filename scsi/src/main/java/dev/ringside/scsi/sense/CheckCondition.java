package dev.ringside.scsi.sense;

/** A command that ends with CHECK CONDITION. For the control plane only. */
public final class CheckCondition extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Sense sense;

    /** Makes one. */
    public CheckCondition(Sense sense) {
        super(sense.key() + " " + sense.additional().map(AdditionalSense::title).orElse(""));
        this.sense = sense;
    }

    /** The sense data. */
    public Sense sense() {
        return sense;
    }
}
