package dev.ringside.bdev;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.MemoryFault;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Where a request's data is in memory: an ordered list of extents, each a bounded segment, an offset in it and a length
 * in bytes. Reused for ever; grows to the longest list it has ever held, unless it is limited or trimmed, and then allocates
 * nothing. Owned by the reactor of the request.
 */
public final class ScatterList {
    private MemorySegment[] segments;
    private long[] offsets;
    private long[] lengths;
    private int first;
    private int end;
    private long bytes;
    private int most = Integer.MAX_VALUE;

    /** Makes an empty list with room for some extents before it has to grow. */
    public ScatterList(int capacity) {
        this.segments = new MemorySegment[capacity];
        this.offsets = new long[capacity];
        this.lengths = new long[capacity];
    }

    /** Empties the list. */
    public void clear() {
        first = 0;
        end = 0;
        bytes = 0;
    }

    /**
     * Appends an extent. The caller has checked that it is inside the segment; an access would throw otherwise.
     *
     * @return false, and nothing was done, if the list is full and may not grow
     */
    public boolean add(MemorySegment segment, long offset, long length) {
        if (end == segments.length && !grow()) {
            return false;
        }
        segments[end] = segment;
        offsets[end] = offset;
        lengths[end] = length;
        end++;
        bytes += length;
        return true;
    }

    /** Has the list grow to no more than so many extents from now on; it stays as long as it is. */
    public void limit(int extents) {
        most = extents;
    }

    /** How many extents the list can hold before it has to grow. */
    public int capacity() {
        return segments.length;
    }

    /** Whether another extent would make the list grow. */
    public boolean isFull() {
        return end == segments.length;
    }

    /** Empties the list, and lets go of the room for more than so many extents. */
    public void trim(int extents) {
        clear();
        if (segments.length > extents) {
            segments = new MemorySegment[extents];
            offsets = new long[extents];
            lengths = new long[extents];
        }
    }

    /** Sum of the extents' lengths in bytes. */
    public long bytes() {
        return bytes;
    }

    /** Number of extents. */
    public int count() {
        return end - first;
    }

    /** Segment of extent {@code i}, from 0. */
    public MemorySegment segment(int i) {
        return segments[first + i];
    }

    /** Offset in its segment of extent {@code i}, in bytes. */
    public long offset(int i) {
        return offsets[first + i];
    }

    /** Length of extent {@code i}, in bytes. */
    public long length(int i) {
        return lengths[first + i];
    }

    /** Native address of extent {@code i}. */
    public long address(int i) {
        return segments[first + i].address() + offsets[first + i];
    }

    /** Takes {@code n} bytes off the front; at most {@link #bytes}. */
    public void dropFront(long n) {
        bytes -= n;
        while (n > 0 && lengths[first] <= n) {
            n -= lengths[first++];
        }
        if (n > 0) {
            offsets[first] += n;
            lengths[first] -= n;
        }
    }

    /** Takes {@code n} bytes off the back; at most {@link #bytes}. */
    public void dropBack(long n) {
        bytes -= n;
        while (n > 0 && lengths[end - 1] <= n) {
            n -= lengths[--end];
        }
        if (n > 0) {
            lengths[end - 1] -= n;
        }
    }

    /** Replaces this list by {@code length} bytes of another, from {@code start} on; the range is inside the other. */
    public void slice(ScatterList source, long start, long length) {
        clear();
        for (int i = source.first; length > 0; i++) {
            long extent = source.lengths[i];
            if (start >= extent) {
                start -= extent;
            } else {
                long part = Math.min(extent - start, length);
                add(source.segments[i], source.offsets[i] + start, part);
                start = 0;
                length -= part;
            }
        }
    }

    /** How many bytes at most {@code extents} extents hold, counted from byte {@code start} on. */
    public long bytesOf(long start, int extents) {
        int i = first;
        while (i < end && lengths[i] <= start) {
            start -= lengths[i++];
        }
        long sum = -start;
        for (int n = 0; n < extents && i < end; n++) {
            sum += lengths[i++];
        }
        return sum;
    }

    /**
     * Copies the first {@code length} bytes of the extents to {@code target}.
     *
     * @throws InternalError if memory of theirs is gone; it is thrown here, see {@link MemoryFault}
     */
    public void copyTo(MemorySegment target, long targetOffset, long length) {
        for (int i = first; length > 0; i++) {
            long part = Math.min(lengths[i], length);
            MemorySegment.copy(segments[i], offsets[i], target, targetOffset, part);
            targetOffset += part;
            length -= part;
        }
        MemoryFault.settle();
    }

    /**
     * Fills the first {@code length} bytes of the extents from {@code source}.
     *
     * @throws InternalError as {@link #copyTo}
     */
    public void copyFrom(MemorySegment source, long sourceOffset, long length) {
        for (int i = first; length > 0; i++) {
            long part = Math.min(lengths[i], length);
            MemorySegment.copy(source, sourceOffset, segments[i], offsets[i], part);
            sourceOffset += part;
            length -= part;
        }
        MemoryFault.settle();
    }

    /**
     * Copies all of the extents to the beginning of {@code target}.
     *
     * @return {@link IoStatus#OK}, or -EFAULT if memory of theirs is gone
     */
    public int copyAllTo(MemorySegment target) {
        try {
            copyTo(target, 0, bytes);
            return IoStatus.OK;
        } catch (InternalError e) {
            return -Errno.EFAULT;
        }
    }

    /**
     * Fills all of the extents from the beginning of {@code source}.
     *
     * @return as {@link #copyAllTo}
     */
    public int copyAllFrom(MemorySegment source) {
        try {
            copyFrom(source, 0, bytes);
            return IoStatus.OK;
        } catch (InternalError e) {
            return -Errno.EFAULT;
        }
    }

    /** Lets go of the segments, so that a closed memory map can be collected. */
    public void forget() {
        clear();
        Arrays.fill(segments, null);
    }

    private boolean grow() {
        int longer = Math.max(8, segments.length * 2);
        if (longer > most) {
            return false;
        }
        segments = Arrays.copyOf(segments, longer);
        offsets = Arrays.copyOf(offsets, longer);
        lengths = Arrays.copyOf(lengths, longer);
        return true;
    }
}
