package dev.ringside.bdev;

import java.util.ArrayDeque;

/**
 * Carries out a request in parts that its device takes. There is a fixed number of parts for each channel; a split that
 * finds none free goes on when one comes back. Owned by the channel's reactor.
 */
final class Splitter {
    private static final int PARTS = 32;

    private final BdevChannel channel;
    private final ArrayDeque<Part> freeParts = new ArrayDeque<>(PARTS);
    private final ArrayDeque<Split> freeSplits = new ArrayDeque<>(PARTS);
    private final ArrayDeque<Split> starved = new ArrayDeque<>(PARTS);

    Splitter(BdevChannel channel) {
        this.channel = channel;
        for (int i = 0; i < PARTS; i++) {
            freeParts.push(new Part());
            freeSplits.push(new Split());
        }
    }

    void begin(BdevIo parent) {
        Split split = freeSplits.poll();
        if (split == null) {
            split = new Split();
        }
        split.begin(parent);
        advance(split);
    }

    /** Submits parts until the request is all submitted or no part is free; ends it when all of it is done. */
    private void advance(Split split) {
        split.advancing = true;
        while (split.hasMore() && !freeParts.isEmpty()) {
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
        part.io.prepare(parent.type(), split.nextLba, blocks, part.data, parent.flags());
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
            case WRITE_ZEROES -> Math.min(split.remaining, limits.maxWriteZeroesBlocks);
            case READ, WRITE, FLUSH, RESET -> {
                long beyondFirst = limits.boundaryMask - (split.nextLba & limits.boundaryMask);
                long most = Math.min(Math.min(split.remaining, limits.maxTransferBlocks) - 1, beyondFirst) + 1;
                long start = channel.bytes(split.nextLba - parent.lba());
                yield Math.min(most, channel.blocks(parent.data().bytesOf(start, limits.maxSegments)));
            }
        };
    }

    private void partDone(Part part, int status) {
        Split split = part.split;
        freeParts.push(part);
        split.outstanding--;
        if (split.status == IoStatus.OK) {
            split.status = status;
        }
        if (!split.advancing) {
            advance(split);
        }
        while (!freeParts.isEmpty() && !starved.isEmpty()) {
            Split next = starved.pop();
            next.starving = false;
            advance(next);
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

        void begin(BdevIo request) {
            parent = request;
            nextLba = request.lba();
            remaining = request.blocks();
            outstanding = 0;
            status = IoStatus.OK;
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
