package dev.ringside.env.dma;

/**
 * Who has buffers; compared by identity.
 *
 * @see DmaPool#reclaim
 */
public final class DmaOwner {
    private final String name;

    /** Makes a new one, with a name that operators see. */
    public DmaOwner(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
