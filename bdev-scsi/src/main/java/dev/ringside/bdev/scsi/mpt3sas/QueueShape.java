package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IeeeSge;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocInit;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;

/**
 * How many of everything there are, and who has which SMID: 1 to queues * depth the commands, queue after queue; then a task
 * for each queue; then the driver's own requests.
 *
 * @param queues reply descriptor post queues
 * @param depth commands of each queue
 * @param frameBytes of a request frame
 * @param replyBytes of a reply frame
 * @param chainElements of a chain segment
 * @param chains chain segments of a command
 * @param segments extents of a command
 */
record QueueShape(int queues, int depth, int frameBytes, int replyBytes, int chainElements, int chains, int segments) {
    /** Requests of the driver's own, of the ordinary priority: control plane, event notification, acknowledgement, removal. */
    static final int OWN_REQUESTS = 4;

    private static final int MOST_COMMANDS = 1024;
    private static final int MOST_OF_A_QUEUE = 512;
    private static final int MOST_SEGMENTS = 128;
    private static final int MOST_CHAIN_ELEMENTS = 128;
    /** Of a reply to SCSI I/O, and of an event with a few entries. */
    private static final int LEAST_REPLY_BYTES = 64;
    /** Of an IOC that does not say. */
    private static final int CHAIN_ELEMENTS = 8;
    /** Reply frames for events, while every request needs one. */
    private static final int EVENT_REPLIES = 32;
    /** A task of the mid-layer's, and a reset of a device that is removed. */
    private static final int HIGH_PRIORITY_REQUESTS = 2;

    /**
     * What suits an IOC. There are several queues only where a request is posted by one write, so that reactors need no lock.
     *
     * @throws ScsiHostException UNSUPPORTED if it is too small
     */
    static QueueShape of(IocFacts facts) throws ScsiHostException {
        boolean several = facts.hasAtomicRequests() && facts.hasReplyQueueIndex();
        int queues = several ? Math.clamp(facts.maxVectors(), 1, SystemRegisters.MOST_REPLY_POST_QUEUES) : 1;
        int credit = Math.min(facts.requestCredit() - OWN_REQUESTS, MOST_COMMANDS);
        while (queues > 1 && credit / queues < 2) {
            queues--;
        }
        int ofPostQueue = facts.maxPostDepth() / IocInit.DEPTH_UNIT * IocInit.DEPTH_UNIT - beside();
        int depth = Math.min(Math.min(credit / queues, MOST_OF_A_QUEUE), ofPostQueue);
        int inFrame = (facts.requestFrameBytes() - ScsiIo.SGL) / IeeeSge.BYTES;
        if (depth < 2
                || inFrame < 2
                || facts.maxChainDepth() < 1
                || facts.replyFrameBytes() < LEAST_REPLY_BYTES
                || facts.highPriorityCredit() < HIGH_PRIORITY_REQUESTS) {
            throw new ScsiHostException(Kind.UNSUPPORTED, "the IOC is too small: " + facts);
        }
        int elements =
                facts.chainElements() == 0 ? CHAIN_ELEMENTS : Math.clamp(facts.chainElements(), 2, MOST_CHAIN_ELEMENTS);
        // One place of the frame, and of each chain segment but the last, is for the pointer to the next.
        int chains = Math.min(facts.maxChainDepth(), Math.ceilDiv(MOST_SEGMENTS - inFrame, elements - 1));
        int segments = Math.min(MOST_SEGMENTS, inFrame + chains * (elements - 1));
        return new QueueShape(
                queues, depth, facts.requestFrameBytes(), facts.replyFrameBytes(), elements, chains, segments);
    }

    int commands() {
        return queues * depth;
    }

    /** Numbers of frames are 0 to this, exclusive. */
    int frames() {
        return removalReset() + 1;
    }

    int firstCommand(int queue) {
        return 1 + queue * depth;
    }

    int task(int queue) {
        return 1 + commands() + queue;
    }

    int control() {
        return 1 + commands() + queues;
    }

    int eventNotification() {
        return control() + 1;
    }

    int eventAck() {
        return control() + 2;
    }

    int removal() {
        return control() + 3;
    }

    int removalReset() {
        return control() + 4;
    }

    /** Reply frames: one for each request, and some for events. */
    int replies() {
        return frames() + EVENT_REPLIES;
    }

    /** Entries of the reply free queue, of which one stays empty. */
    int freeDepth() {
        return roundUp(replies() + 1);
    }

    /** Entries of each reply descriptor post queue: no IOC can fill one. */
    int postDepth() {
        return roundUp(depth + beside());
    }

    int chainBytes() {
        return chains * chainElements * IeeeSge.BYTES;
    }

    /** Entries of a post queue for what are no commands; one stays empty. */
    private static int beside() {
        return OWN_REQUESTS + HIGH_PRIORITY_REQUESTS + EVENT_REPLIES + 1;
    }

    private static int roundUp(int depth) {
        return Math.ceilDiv(depth, IocInit.DEPTH_UNIT) * IocInit.DEPTH_UNIT;
    }
}
