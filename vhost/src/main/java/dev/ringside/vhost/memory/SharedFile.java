package dev.ringside.vhost.memory;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A part of a file that is mapped and that a front end can change, or take away, at any time. Control plane. */
public final class SharedFile implements AutoCloseable {
    private static final long PAGE = 4096;

    private final Fd file;
    private final long end;
    private final Mapping mapping;
    private final MemorySegment segment;
    private final String identity;

    private SharedFile(Fd file, long end, Mapping mapping, MemorySegment segment) {
        this.identity = identityOf(file);
        this.file = file;
        this.end = end;
        this.mapping = mapping;
        this.segment = segment;
    }

    /**
     * Maps a part of a file.
     *
     * @param file stays the caller's
     * @param offset in bytes, at least 0
     * @param size in bytes, at least 1; {@code offset + size} does not overflow
     * @throws LinuxException if it cannot be mapped
     */
    public static SharedFile map(Fd file, long offset, long size) throws LinuxException {
        long before = offset % PAGE;
        Fd kept = file.duplicate();
        try {
            Mapping mapping = Mapping.ofShared(kept, offset - before, before + size, true);
            return new SharedFile(
                    kept, offset + size, mapping, mapping.segment().asSlice(before, size));
        } catch (LinuxException | RuntimeException e) {
            kept.close();
            throw e;
        }
    }

    /** The memory, exactly as long as was asked for. */
    public MemorySegment segment() {
        return segment;
    }

    /** The file; stays this object's. */
    public Fd file() {
        return file;
    }

    /** Where in the file the memory begins, in bytes. */
    public long offset() {
        return end - segment.byteSize();
    }

    /** What is the same for all descriptors of the same file, and for no others while the file is open. */
    public String identity() {
        return identity;
    }

    private static String identityOf(Fd file) {
        try {
            Map<String, Object> attributes =
                    Files.readAttributes(Path.of("/proc/self/fd/" + file.number()), "unix:dev,ino");
            return attributes.get("dev") + ":" + attributes.get("ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the file is still long enough; looks at the file, so it may block. */
    public boolean present() {
        try {
            return Files.size(Path.of("/proc/self/fd/" + file.number())) >= end;
        } catch (IOException e) {
            return false;
        }
    }

    /** Unmaps; later accesses are exceptions. */
    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
