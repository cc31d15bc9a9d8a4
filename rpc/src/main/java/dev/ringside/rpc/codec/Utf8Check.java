package dev.ringside.rpc.codec;

/**
 * Checks that a byte stream is well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing
 * above U+10FFFF. It is told the stream piece by piece, cut anywhere. Confined to one thread.
 */
final class Utf8Check {
    private int missing;
    private int lowest = 0x80;
    private int highest = 0xbf;

    /** The index of the first byte in [from, to) that cannot stand where it does; {@code to} if there is none. */
    int firstBad(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int b = bytes[i] & 0xff;
            if (missing == 0) {
                if (b >= 0x80 && !lead(b)) {
                    return i;
                }
            } else {
                if (b < lowest || b > highest) {
                    return i;
                }
                missing--;
                lowest = 0x80;
                highest = 0xbf;
            }
        }
        return to;
    }

    /** Whether the stream may end here: not inside a character. */
    boolean atBoundary() {
        return missing == 0;
    }

    private boolean lead(int b) {
        if (b < 0xc2 || b > 0xf4) {
            return false;
        }
        missing = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        switch (b) {
            case 0xe0 -> lowest = 0xa0;
            case 0xed -> highest = 0x9f;
            case 0xf0 -> lowest = 0x90;
            case 0xf4 -> highest = 0x8f;
            default -> {}
        }
        return true;
    }
}
