package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Names of the name address authority format (SPC-5, 7.7.6.6) that are always the same for the same thing. They are locally
 * assigned (NAA 3h): nobody here has an organisation's number to build on, and none is pretended.
 */
public final class NaaName {
    private static final long LOCAL = 0x3000_0000_0000_0000L;
    private static final long VALUE = 0x0fff_ffff_ffff_ffffL;

    private NaaName() {}

    /** The name of a logical unit: 60 bits of what its UUID's 128 are hashed to. */
    public static byte[] of(UUID uuid) {
        return of("unit:" + uuid);
    }

    /** The name of what is known by a text, such as a port. */
    public static byte[] of(String text) {
        byte[] name = new byte[8];
        BigEndian.put64(name, 0, LOCAL | (BigEndian.u64(digest(text), 0) & VALUE));
        return name;
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
