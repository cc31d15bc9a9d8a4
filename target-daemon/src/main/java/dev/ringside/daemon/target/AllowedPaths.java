package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.env.linux.Errno;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The directories below which files may be that clients of the control socket name. Immutable. */
public final class AllowedPaths {
    /** No limit. */
    public static final AllowedPaths ANY = new AllowedPaths(List.of());

    private final List<Path> directories;

    private AllowedPaths(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /**
     * Below these directories only.
     *
     * @param directories empty: anywhere
     * @throws StartException if one is not there
     */
    public static AllowedPaths below(List<Path> directories) throws StartException {
        List<Path> real = new ArrayList<>();
        for (Path directory : directories) {
            try {
                real.add(directory.toRealPath());
            } catch (IOException e) {
                throw new StartException("the allowed directory " + directory + " cannot be used: " + e, e);
            }
        }
        return new AllowedPaths(real);
    }

    /**
     * What a client names, as an absolute path: one that is relative begins in the daemon's working directory, and a
     * daemon that restores it from its configuration may have another one. All links are followed if there is a limit, so
     * that what is opened is what was checked.
     *
     * @throws BdevException EACCES if it is elsewhere or cannot be found
     */
    public Path resolve(String name) throws BdevException {
        Path path = Path.of(name);
        if (directories.isEmpty()) {
            return path.toAbsolutePath();
        }
        try {
            Path real = path.toRealPath();
            if (directories.stream().anyMatch(real::startsWith)) {
                return real;
            }
        } catch (IOException e) {
            // Whether it is there is nobody's business who may not have it.
        }
        throw new BdevException(Errno.EACCES, name + " is not below one of the directories that are allowed");
    }
}
