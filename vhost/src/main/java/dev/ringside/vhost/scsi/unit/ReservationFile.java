package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.vhost.scsi.unit.Reservations.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Where the registrations and the reservation of a unit outlive the daemon (APTPL). A line of text for each; the file is
 * replaced whole, and on the medium before anybody is told.
 *
 * <pre>
 *  ringside persistent reservations 1
 *  registration KEY INITIATOR PORT
 *  reservation TYPE INITIATOR PORT
 * </pre>
 */
final class ReservationFile {
    private static final String HEADER = "ringside persistent reservations 1";

    private final Path path;

    ReservationFile(Path path) {
        this.path = path;
    }

    /** Whether the directory can be written. */
    boolean usable() {
        Path directory = path.getParent();
        return directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
    }

    /** Reads what there is, if there is something. */
    void load(Reservations reservations) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<String> lines = Files.readAllLines(path);
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(path + " is not a file of persistent reservations");
        }
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(" ", 4);
            if (fields.length != 4) {
                throw new IOException(path + ": '" + line + "' has not four fields");
            }
            Owner owner = new Owner(fields[2], fields[3]);
            try {
                owner.initiatorName();
                switch (fields[0]) {
                    case "registration" -> reservations.register(owner, Long.parseUnsignedLong(fields[1], 16));
                    case "reservation" ->
                        reservations.reserve(
                                owner,
                                ReservationType.of(Integer.parseInt(fields[1]))
                                        .orElseThrow(() -> new IOException(path + ": type " + fields[1])));
                    default -> throw new IOException(path + ": '" + line + "' is no registration and no reservation");
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(path + ": '" + line + "': " + e.getMessage(), e);
            }
        }
        reservations.persist(true);
    }

    /** Writes what is to outlive the daemon, or removes the file if nothing is. */
    void save(Reservations reservations) throws IOException {
        if (!reservations.persists() || reservations.isEmpty()) {
            Files.deleteIfExists(path);
            return;
        }
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (Map.Entry<Owner, Long> each : reservations.keys().entrySet()) {
            Owner owner = each.getKey();
            text.append(String.format("registration %016x %s %s%n", each.getValue(), owner.initiator(), owner.port()));
        }
        Owner holder = reservations.holder();
        if (holder != null) {
            text.append(String.format(
                    "reservation %d %s %s%n",
                    reservations.type().orElseThrow().code(), holder.initiator(), holder.port()));
        }
        Path next = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path directory = path.getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
