package dev.ringside.bdev;

import java.util.ArrayDeque;

/**
 * Carries out a request in parts that its device takes. There is a fixed number of parts for each channel; a split that
 * finds none free goes on when one comes back. Owned by the channel's reactor.
 */
final class Splitter {
    private static final int PARTS = 32;
    /** Extents up to which a part's list stays as long as it has grown: no usual request has more. */
    private static final int KEPT_EXTENTS = 128;

    private final BdevChannel channel;
    private final Part[] parts = new Part[PARTS];
    private final ArrayDeque<Part> freeParts = new ArrayDeque<>(PARTS);
    private final ArrayDeque<Split> freeSplits = new ArrayDeque<>(PARTS);
    private final ArrayDeque<Split> starved = new ArrayDeque<>(PARTS);
    /** How often {@link #abort} was called. */
    private int aborts;

    Splitter(BdevChannel channel) {
        this.channel = channel;
        for (int i = 0; i < PARTS; i++) {
            parts[i] = new Part();
            freeParts.push(parts[i]);
            freeSplits.push(new Split());
        }
    }

    void begin(BdevIo parent) {
        Split split = freeSplits.poll();
        if (split == null) {
            split = new Split();
        }
        split.begin(parent, aborts);
        advance(split);
    }

    /**
     * Takes what no part has been made of yet from the requests that are being split: a RESET shall find everything in the
     * device that was submitted before it. The requests fail when their parts are back.
     */
    void abort() {
        aborts++;
        // Only those that are there now: an owner that is told of an end may submit more.
        for (int n = starved.size(); n > 0 && !starved.isEmpty(); n--) {
            advanceStarved();
        }
    }

    /** Makes no more parts of one request, and has those that there are end early where that is possible. */
    void abort(BdevIo parent) {
        for (Part part : parts) {
            if (part.io.inFlight && part.split.parent == parent) {
                part.split.cancel();
                part.io.abort();
            }
        }
        for (int n = starved.size(); n > 0 && !starved.isEmpty(); n--) {
            if (starved.peek().parent == parent) {
                starved.peek().cancel();
                advanceStarved();
            } else {
                starved.add(starved.pop());
            }
        }
    }

    /** Submits parts until the request is all submitted or no part is free; ends it when all of it is done. */
    private void advance(Split split) {
        split.advancing = true;
        while (goesOn(split) && !freeParts.isEmpty()) {
            submitPart(split);
        }
        split.advancing = false;
        if (split.hasMore()) {
            if (!split.starving) {
                split.starving = true;
                starved.add(split);
            }
        } else if (split.outstanding == 0 && !split.starving) {
            end(split);
        }
    }

    private void advanceStarved() {
        Split split = starved.pop();
        split.starving = false;
        // Further up the stack it may be at it: its part was done at once. It goes on there, and must not end twice.
        if (!split.advancing) {
            advance(split);
        }
    }

    private boolean goesOn(Split split) {
        if (split.hasMore() && split.aborts != aborts) {
            split.status = IoStatus.ABORTED;
        }
        return split.hasMore();
    }

    private void submitPart(Split split) {
        BdevIo parent = split.parent;
        long blocks = partLength(split);
        if (blocks == 0) {
            split.status = IoStatus.INVALID;
            return;
        }
        Part part = freeParts.pop();
        part.split = split;
        if (parent.type().movesData()) {
            part.data.slice(parent.data(), channel.bytes(split.nextLba - parent.lba()), channel.bytes(blocks));
        }
        if (parent.type() == IoType.COPY) {
            part.io.prepareCopy(parent.source() + (split.nextLba - parent.lba()), split.nextLba, blocks);
        } else {
            part.io.prepare(parent.type(), split.nextLba, blocks, part.data, parent.flags());
        }
        split.nextLba += blocks;
        split.remaining -= blocks;
        split.outstanding++;
        channel.submitPart(part.io);
    }

    /** How many blocks the next part may have; 0 if the scatter list is finer than the device can take. */
    private long partLength(Split split) {
        BdevIo parent = split.parent;
        ChannelLimits limits = channel.limits();
        return switch (parent.type()) {
            case UNMAP -> Math.min(split.remaining, limits.maxUnmapBlocks);
            case WRITE_ZEROES, SECURE_ERASE -> Math.min(split.remaining, limits.maxWriteZeroesBlocks);
            case COPY -> Math.min(split.remaining, limits.maxCopyBlocks);
            case VERIFY, FLUSH, RESET -> transferLength(split, limits);
            case READ, WRITE, COMPARE -> {
                long start = channel.bytes(split.nextLba - parent.lba());
                long described = channel.blocks(parent.data().bytesOf(start, limits.maxSegments));
                yield Math.min(transferLength(split, limits), described);
            }
        };
    }

    private static long transferLength(Split split, ChannelLimits limits) {
        long beyondFirst = limits.boundaryMask - (split.nextLba & limits.boundaryMask);
        return Math.min(Math.min(split.remaining, limits.maxTransferBlocks) - 1, beyondFirst) + 1;
    }

    private void partDone(Part part, int status) {
        Split split = part.split;
        if (part.data.capacity() > KEPT_EXTENTS) {
            part.data.trim(KEPT_EXTENTS);
        }
        // The parts wait for their turns at the same time.
        split.parent.qosWaitNs = Math.max(split.parent.qosWaitNs, part.io.qosWaitNs);
        part.io.qosWaitNs = 0;
        freeParts.push(part);
        split.outstanding--;
        if (split.status == IoStatus.OK) {
            split.status = status;
        }
        if (!split.advancing) {
            advance(split);
        }
        while (!freeParts.isEmpty() && !starved.isEmpty()) {
            advanceStarved();
        }
    }

    private void end(Split split) {
        freeSplits.push(split);
        channel.finish(split.parent, split.status);
    }

    /** A request that is being carried out in parts. */
    private static final class Split {
        BdevIo parent = new BdevIo((io, status) -> {});
        long nextLba;
        long remaining;
        int outstanding;
        int status;
        boolean advancing;
        boolean starving;
        /** The splitter's count when this began: another one means that it is to end. */
        int aborts;

        void begin(BdevIo request, int abortsNow) {
            aborts = abortsNow;
            parent = request;
            nextLba = request.lba();
            remaining = request.blocks();
            outstanding = 0;
            status = IoStatus.OK;
        }

        void cancel() {
            if (status == IoStatus.OK) {
                status = IoStatus.ABORTED;
            }
        }

        boolean hasMore() {
            return remaining > 0 && status == IoStatus.OK;
        }
    }

    /** One request to the device, with a scatter list of its own. */
    private final class Part implements IoOwner {
        final BdevIo io = new BdevIo(this, true);
        final ScatterList data = new ScatterList(8);
        Split split = new Split();

        @Override
        public void ioDone(BdevIo done, int status) {
            partDone(this, status);
        }
    }
}
