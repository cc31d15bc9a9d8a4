package dev.ringside.bdev.scsi;

import java.util.HashMap;
import java.util.Map;

/**
 * The names of disks: sda, sdb, ... in the order in which they were found. A disk that comes back has the name that it had, unless
 * another has got it. A disk that is there by two ways has two names, and its blocks are claimed once. Any thread.
 */
public final class DiskNames {
    private static final int LETTERS = 26;

    /** Whose each name is now, by what the disk is. */
    private final Map<String, String> used = new HashMap<>();
    /** What each disk was called last. */
    private final Map<String, String> last = new HashMap<>();

    private final Map<String, RangeClaims> claims = new HashMap<>();

    /** Makes the names of a target without disks. */
    public DiskNames() {}

    /** The name of a disk that has come, by what never changes of it. */
    synchronized String take(String identity) {
        String before = last.get(identity);
        if (before != null && used.putIfAbsent(before, identity) == null) {
            return before;
        }
        for (int number = 0; ; number++) {
            String name = name(number);
            if (!last.containsValue(name) && used.putIfAbsent(name, identity) == null) {
                last.put(identity, name);
                return name;
            }
        }
    }

    /** Who has what of a disk, by its stable name. */
    synchronized RangeClaims claims(String stableName) {
        return claims.computeIfAbsent(stableName, _ -> new RangeClaims());
    }

    /** A disk has gone. */
    synchronized void give(String name) {
        used.remove(name);
    }

    /** The name of a number from 0: sda to sdz, sdaa and so on. */
    static String name(int number) {
        StringBuilder letters = new StringBuilder();
        for (int n = number; n >= 0; n = n / LETTERS - 1) {
            letters.insert(0, (char) ('a' + n % LETTERS));
        }
        return "sd" + letters;
    }
}
