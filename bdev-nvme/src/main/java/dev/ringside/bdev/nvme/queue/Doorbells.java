package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.pci.Registers;
import org.jspecify.annotations.Nullable;

/** Where the doorbells of a controller are (NVMe over PCIe transport 1.0, 3.1.2). Any thread. */
public final class Doorbells {
    private final Registers registers;
    private final int stride;
    private final @Nullable DmaBuffer values;
    private final @Nullable DmaBuffer events;

    /**
     * Those in the registers.
     *
     * @param stride bytes from one doorbell to the next
     */
    public Doorbells(Registers registers, int stride) {
        this(registers, stride, null, null);
    }

    private Doorbells(Registers registers, int stride, @Nullable DmaBuffer values, @Nullable DmaBuffer events) {
        this.registers = registers;
        this.stride = stride;
        this.values = values;
        this.events = events;
    }

    /**
     * The same with shadows, of which the controller has been told.
     *
     * @param shadowValues where the values are written
     * @param shadowEvents where the controller says which value it wants to hear of
     */
    public Doorbells shadowed(DmaBuffer shadowValues, DmaBuffer shadowEvents) {
        return new Doorbells(registers, stride, shadowValues, shadowEvents);
    }

    /** Whether there are shadows. */
    public boolean shadowed() {
        return values != null;
    }

    /** Bytes that the doorbells of so many pairs of I/O queues, and of the admin queue, take. */
    public long bytes(int queues) {
        return 2L * (queues + 1) * stride;
    }

    Doorbell submission(int queue) {
        return at(ControllerRegisters.submissionDoorbell(queue, stride));
    }

    Doorbell completion(int queue) {
        return at(ControllerRegisters.completionDoorbell(queue, stride));
    }

    private Doorbell at(long register) {
        DmaBuffer shadow = values;
        DmaBuffer asked = events;
        return shadow == null || asked == null
                ? new Doorbell(registers, register)
                : new Doorbell(
                        registers,
                        register,
                        shadow.segment(),
                        asked.segment(),
                        register - ControllerRegisters.DOORBELLS);
    }
}
