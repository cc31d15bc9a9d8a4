package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpt.IocLink;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mptsas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mptsas.mpi.IocInit;
import dev.ringside.bdev.scsi.mptsas.mpi.PortFacts;
import java.lang.foreign.MemorySegment;

/** The messages that take an IOC from READY to work, each by a handshake. On the host's control thread. */
final class IocStartUp {
    private final IocLink link;
    private final MptPatience patience;

    IocStartUp(IocLink link, MptPatience patience) {
        this.link = link;
        this.patience = patience;
    }

    /**
     * Asks an IOC what it is.
     *
     * @throws ScsiHostException UNSUPPORTED if it is no SAS controller that speaks MPI 1.5; STATUS, TIMEOUT, GONE
     */
    IocFacts facts() throws ScsiHostException {
        MemorySegment reply = link.ask(
                IocLink.request(Message.REQUEST_BYTES, Message.FUNCTION_IOC_FACTS),
                IocFacts.REPLY_BYTES,
                "IOC facts",
                patience.answerMs());
        IocFacts facts = IocFacts.of(reply);
        if (!facts.isSas15()) {
            throw new ScsiHostException(
                    Kind.UNSUPPORTED,
                    String.format(
                            "the IOC speaks MPI version 0x%04x and is product 0x%04x: SAS and MPI 1.5 are driven",
                            facts.msgVersion(), facts.productId()));
        }
        return facts;
    }

    /**
     * Gives an IOC its memory, and waits until it works with it.
     *
     * @throws ScsiHostException STATUS, TIMEOUT, FATAL, GONE
     */
    void init(IocFacts facts, FrameMemory memory) throws ScsiHostException {
        MemorySegment request = IocLink.request(IocInit.REQUEST_BYTES, Message.FUNCTION_IOC_INIT);
        Fields.put8(request, IocInit.WHO_INIT, IocInit.WHO_INIT_HOST_DRIVER);
        Fields.put8(request, IocInit.MAX_DEVICES, facts.maxDevices());
        Fields.put8(request, IocInit.MAX_BUSES, facts.maxBuses());
        Fields.put16(request, IocInit.REPLY_FRAME_SIZE, FrameMemory.REPLY_BYTES);
        Fields.put32(request, IocInit.HOST_MFA_HIGH_ADDR, memory.highAddress());
        Fields.put32(request, IocInit.SENSE_BUFFER_HIGH_ADDR, memory.highAddress());
        Fields.put16(request, IocInit.MSG_VERSION, IocFacts.VERSION_1_5);
        link.ask(request, Message.REPLY_BYTES, "IOC init", patience.answerMs());
        link.awaitOperational();
    }

    /**
     * Enables all ports that have disks behind them; the IOC looks for these.
     *
     * @throws ScsiHostException UNSUPPORTED if there is none; STATUS, TIMEOUT, GONE
     */
    void enablePorts(IocFacts facts) throws ScsiHostException {
        int enabled = 0;
        for (int port = 0; port < facts.numberOfPorts(); port++) {
            MemorySegment question = IocLink.request(Message.REQUEST_BYTES, Message.FUNCTION_PORT_FACTS);
            Fields.put8(question, PortFacts.PORT_NUMBER, port);
            MemorySegment reply = link.ask(question, PortFacts.REPLY_BYTES, "port facts", patience.answerMs());
            boolean initiator = (Fields.u16(reply, PortFacts.PROTOCOL_FLAGS) & PortFacts.PROTOCOL_INITIATOR) != 0;
            if (Fields.u8(reply, PortFacts.PORT_TYPE) == PortFacts.PORT_TYPE_SAS && initiator) {
                MemorySegment request = IocLink.request(Message.REQUEST_BYTES, Message.FUNCTION_PORT_ENABLE);
                Fields.put8(request, PortFacts.PORT_NUMBER, port);
                link.ask(request, Message.REPLY_BYTES, "port enable", patience.portEnableMs());
                enabled++;
            }
        }
        if (enabled == 0) {
            throw new ScsiHostException(Kind.UNSUPPORTED, "the IOC has no port that is a SAS initiator");
        }
    }
}
