package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.SgElement;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads configuration pages, by requests in the queue. On the host's control thread. */
public final class ConfigReader {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigReader.class);
    private static final int MOST_LATE = 2;
    private static final int BUFFER = SgElement.SIMPLE | SgElement.LAST | SgElement.ADDRESS_64;
    private static final PageName MANUFACTURING_0 =
            new PageName(Config.PAGETYPE_MANUFACTURING, 0, 0, ManufacturingPage0.BYTES);

    private final ControlRequests requests;
    private final MemorySegment page;
    private final long address;
    private final HostControl control;
    private final long limitNs;
    /** How often on end it has not given a page in time. */
    private final Map<PageName, Integer> late = new HashMap<>();
    /** What the IOC has failed to give, of which the log has told. */
    private final Set<PageName> missed = new HashSet<>();

    /**
     * Makes one.
     *
     * @param page memory for a page; what is longer is cut off
     * @param address where an IOC finds that memory
     */
    public ConfigReader(
            ControlRequests requests, MemorySegment page, long address, HostControl control, MptPatience patience) {
        this.requests = requests;
        this.page = page;
        this.address = address;
        this.control = control;
        this.limitNs = TimeUnit.MILLISECONDS.toNanos(patience.answerMs());
    }

    /**
     * What a page is called.
     *
     * @param type its PageType
     * @param extendedType its ExtPageType, with {@link Config#PAGETYPE_EXTENDED}; else 0
     * @param bytes how long it is at least
     */
    public record PageName(int type, int extendedType, int number, int bytes) {
        /** Names an extended page. */
        public static PageName extended(int extendedType, int number, int bytes) {
            return new PageName(Config.PAGETYPE_EXTENDED, extendedType, number, bytes);
        }

        @Override
        public String toString() {
            return String.format("page %d of type 0x%02x", number, extendedType == 0 ? type : extendedType);
        }
    }

    /**
     * What the board is.
     *
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    public ManufacturingPage0 manufacturing() throws ScsiHostException {
        MemorySegment found = read(MANUFACTURING_0, 0);
        if (found == null) {
            throw new ScsiHostException(Kind.STATUS, "the adapter has no manufacturing page 0");
        }
        return ManufacturingPage0.of(found);
    }

    /**
     * Reads a page, which is in memory then until the next.
     *
     * @param pageAddress as the page's type wants it
     * @return null if there is none at this address
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    public @Nullable MemorySegment read(PageName name, int pageAddress) throws ScsiHostException {
        MemorySegment header = ask(name, header(name, pageAddress));
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
        page.fill((byte) 0);
        MemorySegment frame = header(name, pageAddress);
        Fields.put8(frame, Config.ACTION, Config.ACTION_PAGE_READ_CURRENT);
        Fields.put8(frame, Config.PAGE_VERSION, version);
        if (extended) {
            Fields.put16(frame, Config.EXT_PAGE_LENGTH, words);
        } else {
            Fields.put8(frame, Config.PAGE_LENGTH, words);
        }
        int bytes = Math.min(words * Integer.BYTES, (int) page.byteSize());
        Fields.put32(frame, Config.PAGE_BUFFER_SGE, BUFFER | bytes);
        Fields.put64(frame, Config.PAGE_BUFFER_SGE + SgElement.ADDRESS, address);
        return ask(name, frame) == null ? null : page;
    }

    /**
     * As {@link #read}, but a page that the IOC fails to give is as good as none: for what can be done without. The log tells of
     * it once. The same goes for one that it has not given in time twice on end.
     *
     * @throws ScsiHostException TIMEOUT
     */
    public @Nullable MemorySegment readIfTold(PageName name, int pageAddress) throws ScsiHostException {
        if (late.getOrDefault(name, 0) == MOST_LATE) {
            return null;
        }
        try {
            MemorySegment found = read(name, pageAddress);
            late.remove(name);
            return found;
        } catch (ScsiHostException e) {
            if (e.kind() == Kind.TIMEOUT) {
                late.merge(name, 1, Integer::sum);
            }
            if (e.kind() != Kind.STATUS) {
                throw e;
            }
            if (missed.add(name)) {
                LOG.warn("done without a page: {}", e.getMessage());
            }
            return null;
        }
    }

    /** A request for a page's header. */
    private MemorySegment header(PageName name, int pageAddress) {
        MemorySegment frame = requests.controlFrame(Message.FUNCTION_CONFIG);
        Fields.put8(frame, Config.ACTION, Config.ACTION_PAGE_HEADER);
        Fields.put8(frame, Config.PAGE_NUMBER, name.number);
        Fields.put8(frame, Config.PAGE_TYPE, name.type);
        Fields.put8(frame, Config.EXT_PAGE_TYPE, name.extendedType);
        Fields.put32(frame, Config.PAGE_ADDRESS, pageAddress);
        Fields.put32(frame, Config.PAGE_BUFFER_SGE, BUFFER);
        return frame;
    }

    /** Gives the request in the frame to the IOC; the answer, or null: there is no such page. */
    private @Nullable MemorySegment ask(PageName name, MemorySegment frame) throws ScsiHostException {
        String what = name + " at 0x" + Integer.toHexString(Fields.i32(frame, Config.PAGE_ADDRESS));
        control.onQueue(requests::post);
        if (!control.await(requests::answered, System.nanoTime() + limitNs)) {
            throw new ScsiHostException(Kind.TIMEOUT, what + " was not read in time");
        }
        MemorySegment answer = requests.answer();
        int status = Fields.u16(answer, Message.IOC_STATUS) & IocStatus.MASK;
        if (status == IocStatus.CONFIG_INVALID_PAGE || status == IocStatus.CONFIG_INVALID_TYPE) {
            return null;
        }
        if (status != IocStatus.SUCCESS) {
            throw new ScsiHostException(Kind.STATUS, String.format("%s: IOCStatus 0x%04x", what, status));
        }
        return answer;
    }
}
