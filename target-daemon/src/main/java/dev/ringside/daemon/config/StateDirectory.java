package dev.ringside.daemon.config;

import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A directory that keeps a configuration over a restart, in {@code config.json}, in the layout that {@link ConfigFile}
 * reads. One daemon at a time has it (fcntl lock on {@code lock}). Whenever the power goes, the file is the last
 * configuration or the one before, whole. One thread at a time.
 */
public final class StateDirectory implements AutoCloseable {
    private static final String CONFIG = "config.json";
    private static final String NEXT = "config.json.new";
    private static final String LOCK = "lock";

    private final Path directory;
    private final FileChannel lock;

    private StateDirectory(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes a directory; one that does not exist is made, for its owner only (0700).
     *
     * @throws ConfigException if another daemon has it, or it cannot be written
     */
    public static StateDirectory open(Path directory) throws ConfigException {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(directory, mode("rwx------"));
            }
            FileChannel lock = create(directory.resolve(LOCK));
            boolean taken = false;
            try {
                taken = lock.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                throw busy(directory, e);
            } finally {
                if (!taken) {
                    lock.close();
                }
            }
            if (!taken) {
                throw busy(directory, null);
            }
            return new StateDirectory(directory, lock);
        } catch (IOException e) {
            throw new ConfigException("the state directory " + directory + " cannot be used: " + e, e);
        }
    }

    /**
     * The configuration that was kept last.
     *
     * @return its calls; none if nothing was kept yet
     * @throws ConfigException if the file cannot be read, or somebody has spoilt it
     */
    public List<ConfigEntry> read() throws ConfigException {
        Path file = directory.resolve(CONFIG);
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? ConfigFile.read(file) : List.of();
    }

    /**
     * Keeps a configuration in place of the last one. It is on the disk when this returns.
     *
     * @throws IOException if it cannot be written; the last one is still there then
     */
    public void write(JsonNode config) throws IOException {
        Path next = directory.resolve(NEXT);
        try (FileChannel file = create(next)) {
            file.truncate(0);
            ByteBuffer text = ByteBuffer.wrap((Json.pretty(config) + "\n").getBytes(StandardCharsets.UTF_8));
            while (text.hasRemaining()) {
                file.write(text);
            }
            file.force(true);
        }
        Files.move(next, directory.resolve(CONFIG), StandardCopyOption.ATOMIC_MOVE);
        // The rename itself is in the directory.
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    /** The directory. */
    public Path path() {
        return directory;
    }

    /** Leaves the directory to another daemon. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                mode("rw-------"));
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    private static ConfigException busy(Path directory, @Nullable Throwable cause) {
        return new ConfigException("another daemon keeps its configuration in " + directory, cause);
    }
}
