package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mptsas.mpi.Config;
import dev.ringside.bdev.scsi.mptsas.mpi.Fields;
import dev.ringside.bdev.scsi.mptsas.mpi.IocStatus;
import dev.ringside.bdev.scsi.mptsas.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mptsas.mpi.Message;
import dev.ringside.bdev.scsi.mptsas.mpi.SasDevicePage0;
import dev.ringside.bdev.scsi.mptsas.mpi.SgElement;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads configuration pages, by requests in the queue. On the host's control thread. */
final class ConfigPages {
    private static final int BUFFER = SgElement.SIMPLE | SgElement.LAST | SgElement.ADDRESS_64;

    private final MptQueue queue;
    private final FrameMemory memory;
    private final HostControl control;
    private final long limitNs;

    ConfigPages(MptQueue queue, FrameMemory memory, HostControl control, MptsasPatience patience) {
        this.queue = queue;
        this.memory = memory;
        this.control = control;
        this.limitNs = TimeUnit.MILLISECONDS.toNanos(patience.answerMs());
    }

    /** What a page is called, and how long it is at least. */
    private record PageName(int type, int extendedType, int number, int bytes) {
        @Override
        public String toString() {
            return String.format("page %d of type 0x%02x", number, extendedType == 0 ? type : extendedType);
        }
    }

    private static final PageName MANUFACTURING_0 =
            new PageName(Config.PAGETYPE_MANUFACTURING, 0, 0, ManufacturingPage0.BYTES);
    private static final PageName SAS_DEVICE_0 =
            new PageName(Config.PAGETYPE_EXTENDED, Config.EXTPAGETYPE_SAS_DEVICE, 0, SasDevicePage0.BYTES);

    /**
     * What the board is.
     *
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    ManufacturingPage0 manufacturing() throws ScsiHostException {
        MemorySegment page = read(MANUFACTURING_0, 0);
        if (page == null) {
            throw new ScsiHostException(Kind.STATUS, "the adapter has no manufacturing page 0");
        }
        return ManufacturingPage0.of(page);
    }

    /**
     * All targets that the IOC knows, in the order of their handles.
     *
     * @throws ScsiHostException STATUS, TIMEOUT; FATAL if the handles do not ascend
     */
    List<SasDevicePage0> targets() throws ScsiHostException {
        List<SasDevicePage0> found = new ArrayList<>();
        int handle = SasDevicePage0.FIRST_HANDLE;
        for (MemorySegment page = read(SAS_DEVICE_0, SasDevicePage0.FORM_GET_NEXT_HANDLE | handle);
                page != null;
                page = read(SAS_DEVICE_0, SasDevicePage0.FORM_GET_NEXT_HANDLE | handle)) {
            SasDevicePage0 device = SasDevicePage0.of(page);
            if (handle != SasDevicePage0.FIRST_HANDLE && device.devHandle() <= handle) {
                throw new ScsiHostException(
                        Kind.FATAL, "handle " + device.devHandle() + " follows handle " + handle + " of SAS devices");
            }
            handle = device.devHandle();
            if (device.isTarget()) {
                found.add(device);
            }
        }
        return found;
    }

    /** Reads a page, which is in memory then until the next; null: there is none at this address. */
    private @Nullable MemorySegment read(PageName name, int address) throws ScsiHostException {
        MemorySegment header = ask(name, header(name, address));
        if (header == null) {
            return null;
        }
        boolean extended = name.type == Config.PAGETYPE_EXTENDED;
        int words = extended ? Fields.u16(header, Config.EXT_PAGE_LENGTH) : Fields.u8(header, Config.PAGE_LENGTH);
        int version = Fields.u8(header, Config.PAGE_VERSION);
        if (words * Integer.BYTES < name.bytes) {
            throw new ScsiHostException(
                    Kind.STATUS, name + " has " + words * Integer.BYTES + " bytes, which is too short");
        }
        MemorySegment page = memory.segment().asSlice(memory.page(), FrameMemory.PAGE_BYTES);
        page.fill((byte) 0);
        MemorySegment frame = header(name, address);
        Fields.put8(frame, Config.ACTION, Config.ACTION_PAGE_READ_CURRENT);
        Fields.put8(frame, Config.PAGE_VERSION, version);
        if (extended) {
            Fields.put16(frame, Config.EXT_PAGE_LENGTH, words);
        } else {
            Fields.put8(frame, Config.PAGE_LENGTH, words);
        }
        int bytes = Math.min(words * Integer.BYTES, FrameMemory.PAGE_BYTES);
        Fields.put32(frame, Config.PAGE_BUFFER_SGE, BUFFER | bytes);
        Fields.put64(frame, Config.PAGE_BUFFER_SGE + SgElement.ADDRESS, memory.address(memory.page()));
        return ask(name, frame) == null ? null : page;
    }

    /** A request for a page's header. */
    private MemorySegment header(PageName name, int address) {
        MemorySegment frame = queue.controlFrame(Message.FUNCTION_CONFIG);
        Fields.put8(frame, Config.ACTION, Config.ACTION_PAGE_HEADER);
        Fields.put8(frame, Config.PAGE_NUMBER, name.number);
        Fields.put8(frame, Config.PAGE_TYPE, name.type);
        Fields.put8(frame, Config.EXT_PAGE_TYPE, name.extendedType);
        Fields.put32(frame, Config.PAGE_ADDRESS, address);
        Fields.put32(frame, Config.PAGE_BUFFER_SGE, BUFFER);
        return frame;
    }

    /** Gives the request in the frame to the IOC; the answer, or null: there is no such page. */
    private @Nullable MemorySegment ask(PageName name, MemorySegment frame) throws ScsiHostException {
        String what = name + " at 0x" + Integer.toHexString(Fields.i32(frame, Config.PAGE_ADDRESS));
        control.onQueue(queue::post);
        if (!control.await(queue::answered, System.nanoTime() + limitNs)) {
            throw new ScsiHostException(Kind.TIMEOUT, what + " was not read in time");
        }
        MemorySegment answer = queue.answer();
        int status = Fields.u16(answer, Message.IOC_STATUS) & IocStatus.MASK;
        if (status == IocStatus.CONFIG_INVALID_PAGE) {
            return null;
        }
        if (status != IocStatus.SUCCESS) {
            throw new ScsiHostException(Kind.STATUS, String.format("%s: IOCStatus 0x%04x", what, status));
        }
        return answer;
    }
}
