package dev.ringside.scsi;

import java.util.HexFormat;

/** Bytes as people write them. */
final class Hex {
    private Hex() {}

    static byte[] bytes(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
}
