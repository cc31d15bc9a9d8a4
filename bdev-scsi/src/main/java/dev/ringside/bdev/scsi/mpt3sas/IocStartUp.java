package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpt.IocLink;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocInit;
import dev.ringside.bdev.scsi.mpt3sas.mpi.PortFacts;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** The messages that take an IOC from READY to work. On the host's control thread. */
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
     * @throws ScsiHostException UNSUPPORTED if it is no SAS initiator that speaks MPI 2.5 or 2.6; STATUS, TIMEOUT, GONE
     */
    IocFacts facts() throws ScsiHostException {
        IocFacts facts = IocFacts.of(link.ask(
                IocLink.request(Message.REQUEST_BYTES, Message.FUNCTION_IOC_FACTS),
                IocFacts.REPLY_BYTES,
                "IOC facts",
                patience.answerMs()));
        if (!facts.isDriven()) {
            throw new ScsiHostException(
                    Kind.UNSUPPORTED,
                    String.format(
                            "the IOC speaks MPI version 0x%04x and is product 0x%04x: initiators of SAS and MPI 2.5 and 2.6"
                                    + " are driven",
                            facts.msgVersion(), facts.productId()));
        }
        return facts;
    }

    /**
     * Looks for a port that has disks behind it.
     *
     * @throws ScsiHostException UNSUPPORTED if there is none; STATUS, TIMEOUT, GONE
     */
    void requirePort(IocFacts facts) throws ScsiHostException {
        for (int port = 0; port < facts.numberOfPorts(); port++) {
            MemorySegment question = IocLink.request(Message.REQUEST_BYTES, Message.FUNCTION_PORT_FACTS);
            Fields.put8(question, PortFacts.PORT_NUMBER, port);
            MemorySegment reply = link.ask(question, PortFacts.REPLY_BYTES, "port facts", patience.answerMs());
            switch (Fields.u8(reply, PortFacts.PORT_TYPE)) {
                case PortFacts.PORT_TYPE_SAS_PHYSICAL,
                        PortFacts.PORT_TYPE_SAS_VIRTUAL,
                        PortFacts.PORT_TYPE_TRI_MODE -> {
                    return;
                }
                default -> {
                    // Of another kind, or inactive.
                }
            }
        }
        throw new ScsiHostException(Kind.UNSUPPORTED, "the IOC has no SAS port");
    }

    /**
     * Gives an IOC its memory, and waits until it works with it.
     *
     * @param interrupts whether each queue has a vector
     * @throws ScsiHostException STATUS, TIMEOUT, FATAL, GONE
     */
    void init(IocFacts facts, QueueShape shape, FrameMemory memory, boolean interrupts) throws ScsiHostException {
        MemorySegment request = IocLink.request(IocInit.REQUEST_BYTES, Message.FUNCTION_IOC_INIT);
        Fields.put8(request, IocInit.WHO_INIT, IocInit.WHO_INIT_HOST_DRIVER);
        Fields.put16(request, IocInit.MSG_VERSION, facts.msgVersion());
        Fields.put16(request, IocInit.HEADER_VERSION, IocInit.HEADER_VERSION_USED);
        Fields.put8(request, IocInit.HOST_MSIX_VECTORS, interrupts || shape.queues() > 1 ? shape.queues() : 0);
        Fields.put16(request, IocInit.SYSTEM_REQUEST_FRAME_SIZE, shape.frameBytes() / Integer.BYTES);
        Fields.put16(request, IocInit.REPLY_DESCRIPTOR_POST_QUEUE_DEPTH, shape.postDepth());
        Fields.put16(request, IocInit.REPLY_FREE_QUEUE_DEPTH, shape.freeDepth());
        Fields.put32(request, IocInit.SENSE_BUFFER_ADDRESS_HIGH, memory.highAddress());
        Fields.put32(request, IocInit.SYSTEM_REPLY_ADDRESS_HIGH, memory.highAddress());
        Fields.put64(request, IocInit.SYSTEM_REQUEST_FRAME_BASE_ADDRESS, memory.address(memory.request(0)));
        Fields.put64(request, IocInit.REPLY_DESCRIPTOR_POST_QUEUE_ADDRESS, memory.address(memory.post(0)));
        Fields.put64(request, IocInit.REPLY_FREE_QUEUE_ADDRESS, memory.address(memory.free()));
        Fields.put64(request, IocInit.TIME_STAMP, System.currentTimeMillis());
        link.ask(request, Message.REPLY_BYTES, "IOC init", patience.answerMs());
        link.awaitOperational();
    }

    /**
     * Enables all ports, behind which the IOC looks for disks then.
     *
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    void enablePorts(OwnRequests requests, HostControl control) throws ScsiHostException {
        requests.controlFrame(Message.FUNCTION_PORT_ENABLE);
        control.onQueue(requests::post);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience.portEnableMs());
        if (!control.await(requests::answered, deadline)) {
            throw new ScsiHostException(Kind.TIMEOUT, "the ports were not enabled in time");
        }
        int status = Fields.u16(requests.answer(), Message.IOC_STATUS) & IocStatus.MASK;
        if (status != IocStatus.SUCCESS) {
            throw new ScsiHostException(Kind.STATUS, String.format("port enable: IOCStatus 0x%04x", status));
        }
    }
}
