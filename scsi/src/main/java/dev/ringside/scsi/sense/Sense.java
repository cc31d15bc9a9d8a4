package dev.ringside.scsi.sense;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Sense data (SPC-5, 4.4), in one of two formats.
 *
 * <pre>
 *  fixed (70h; 71h: deferred)                 descriptor (72h; 73h: deferred)
 *   0 valid (7) response code                  0 response code
 *   2 filemark, EOM, ILI (5), sense key        1 sense key
 *   3 information (u32)                        2 ASC, ASCQ
 *   7 additional length                        7 additional length
 *  12 ASC, ASCQ                                8 descriptors: type, length, ...
 *  15 sense key specific (3 bytes)
 * </pre>
 *
 * @param information what the command says that it means, often a block address
 * @param fieldPointer a {@link FieldPointer}, or the progress of a command; 0 if there is none
 * @param incorrectLength whether the requested length was not that of the block
 */
public record Sense(
        SenseKey key, int asc, int ascq, OptionalLong information, int fieldPointer, boolean incorrectLength) {
    /** Bytes of fixed sense data. */
    public static final int FIXED_BYTES = 18;
    /** Most bytes that {@link #encode} writes. */
    public static final int MAX_BYTES = 8 + 12 + 8;

    private static final int CURRENT_FIXED = 0x70;
    private static final int CURRENT_DESCRIPTOR = 0x72;
    private static final int DEFERRED = 1;
    private static final int DEFERRED_FIXED = CURRENT_FIXED | DEFERRED;
    private static final int DEFERRED_DESCRIPTOR = CURRENT_DESCRIPTOR | DEFERRED;
    private static final int RESPONSE_CODE = 0x7f;
    private static final int VALID = 0x80;
    private static final int ILI = 0x20;
    private static final int D_INFORMATION = 0x00;
    private static final int D_KEY_SPECIFIC = 0x02;
    private static final int D_BLOCK = 0x05;

    /** Sense data without further fields. */
    public static Sense of(SenseKey key, AdditionalSense additional) {
        return of(key, additional, FieldPointer.NONE);
    }

    /** Sense data with a {@link FieldPointer}. */
    public static Sense of(SenseKey key, AdditionalSense additional, int fieldPointer) {
        return new Sense(key, additional.asc(), additional.ascq(), OptionalLong.empty(), fieldPointer, false);
    }

    /** Nothing to tell. */
    public static Sense none() {
        return of(SenseKey.NO_SENSE, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION);
    }

    /** The command's request is wrong. */
    public static Sense illegal(AdditionalSense additional) {
        return of(SenseKey.ILLEGAL_REQUEST, additional);
    }

    /** A field of the CDB is wrong. */
    public static Sense invalidCdb(int fieldPointer) {
        return of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB, fieldPointer);
    }

    /** A field of the parameter list is wrong. */
    public static Sense invalidParameter(int fieldPointer) {
        return of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_PARAMETER_LIST, fieldPointer);
    }

    /** The parameter list is cut short, or longer than it may be. */
    public static Sense parameterListLength() {
        return illegal(AdditionalSense.PARAMETER_LIST_LENGTH_ERROR);
    }

    /** The name of code and qualifier, where it is one of ours. */
    public Optional<AdditionalSense> additional() {
        return AdditionalSense.of(asc, ascq);
    }

    /** The bytes, in one of the formats. */
    public byte[] bytes(boolean descriptorFormat) {
        byte[] target = new byte[MAX_BYTES];
        int length = encode(
                target,
                descriptorFormat,
                key,
                asc << 8 | ascq,
                fieldPointer,
                information.isPresent(),
                information.orElse(0),
                incorrectLength);
        return Arrays.copyOf(target, length);
    }

    /**
     * Writes sense data; allocates nothing.
     *
     * @param target {@link #MAX_BYTES}; what was in it is overwritten
     * @param code code and qualifier in 16 bits
     * @param fieldPointer 0 for none
     * @param hasInformation whether there is information; in the fixed format it must fit into 32 bits to be valid
     * @return how many bytes were written
     */
    public static int encode(
            byte[] target,
            boolean descriptorFormat,
            SenseKey key,
            int code,
            int fieldPointer,
            boolean hasInformation,
            long information,
            boolean incorrectLength) {
        Arrays.fill(target, 0, MAX_BYTES, (byte) 0);
        if (!descriptorFormat) {
            boolean fits = hasInformation && information >>> 32 == 0;
            target[0] = (byte) (CURRENT_FIXED | (fits ? VALID : 0));
            target[2] = (byte) (key.code() | (incorrectLength ? ILI : 0));
            if (fits) {
                BigEndian.put32(target, 3, information);
            }
            target[7] = FIXED_BYTES - 8;
            BigEndian.put16(target, 12, code);
            BigEndian.put24(target, 15, fieldPointer);
            return FIXED_BYTES;
        }
        target[0] = CURRENT_DESCRIPTOR;
        target[1] = (byte) key.code();
        BigEndian.put16(target, 2, code);
        int end = 8;
        if (hasInformation) {
            target[end] = D_INFORMATION;
            target[end + 1] = 0x0a;
            target[end + 2] = (byte) VALID;
            BigEndian.put64(target, end + 4, information);
            end += 12;
        }
        if (fieldPointer != 0) {
            target[end] = D_KEY_SPECIFIC;
            target[end + 1] = 0x06;
            BigEndian.put24(target, end + 4, fieldPointer);
            end += 8;
        } else if (incorrectLength) {
            target[end] = D_BLOCK;
            target[end + 1] = 0x02;
            target[end + 3] = ILI;
            end += 4;
        }
        target[7] = (byte) (end - 8);
        return end;
    }

    /**
     * The sense key in sense data of either format; allocates nothing.
     *
     * @param length how many of the bytes are valid
     * @return the key; {@link SenseKey#NO_SENSE} if it is neither format, or cut short
     */
    public static SenseKey keyIn(byte[] data, int length) {
        return switch (format(data, length)) {
            case CURRENT_FIXED -> SenseKey.of(data[2]);
            case CURRENT_DESCRIPTOR -> SenseKey.of(data[1]);
            default -> SenseKey.NO_SENSE;
        };
    }

    /**
     * Code and qualifier, in 16 bits, in sense data of either format; allocates nothing.
     *
     * @param length how many of the bytes are valid
     * @return 0 if it is neither format, or cut short
     */
    public static int codeIn(byte[] data, int length) {
        return switch (format(data, length)) {
            case CURRENT_FIXED -> length >= 14 ? BigEndian.u16(data, 12) : 0;
            case CURRENT_DESCRIPTOR -> BigEndian.u16(data, 2);
            default -> 0;
        };
    }

    /**
     * Whether it is sense data of either format, and about the command that brought it; allocates nothing.
     *
     * @param length how many of the bytes are valid
     * @return false also if it is neither format, or cut short
     */
    public static boolean isCurrent(byte[] data, int length) {
        int code = responseCode(data, length);
        return code == CURRENT_FIXED || code == CURRENT_DESCRIPTOR;
    }

    /**
     * Whether it is sense data of either format, and about an earlier command that had ended well: the one that brought it was not
     * carried out (SPC-5, 4.4.7). Allocates nothing.
     *
     * @param length how many of the bytes are valid
     * @return false also if it is neither format, or cut short
     */
    public static boolean isDeferred(byte[] data, int length) {
        int code = responseCode(data, length);
        return code == DEFERRED_FIXED || code == DEFERRED_DESCRIPTOR;
    }

    /** 0 if it is too short to have a key. */
    private static int responseCode(byte[] data, int length) {
        return length < 4 ? 0 : data[0] & RESPONSE_CODE;
    }

    /** The format of current or deferred sense data; 0 if it is none, or too short to have a key. */
    private static int format(byte[] data, int length) {
        return responseCode(data, length) & ~DEFERRED;
    }

    /**
     * Reads sense data of either format.
     *
     * @param length how many of the bytes are valid
     * @return empty if it is neither format, or too short to have a code
     */
    public static Optional<Sense> parse(byte[] data, int length) {
        return switch (format(data, length)) {
            case CURRENT_FIXED -> Optional.of(parseFixed(data, length));
            case CURRENT_DESCRIPTOR -> Optional.of(parseDescriptors(data, length));
            default -> Optional.empty();
        };
    }

    private static Sense parseFixed(byte[] data, int length) {
        boolean valid = (data[0] & VALID) != 0 && length >= 7;
        boolean coded = length >= 14;
        boolean specific = length >= 18 && (data[15] & VALID) != 0;
        return new Sense(
                SenseKey.of(data[2]),
                coded ? BigEndian.u8(data, 12) : 0,
                coded ? BigEndian.u8(data, 13) : 0,
                valid ? OptionalLong.of(BigEndian.u32(data, 3)) : OptionalLong.empty(),
                specific ? BigEndian.u24(data, 15) : 0,
                (data[2] & ILI) != 0);
    }

    private static Sense parseDescriptors(byte[] data, int length) {
        OptionalLong information = OptionalLong.empty();
        int pointer = 0;
        boolean ili = false;
        int end = length < 8 ? 0 : Math.min(length, 8 + BigEndian.u8(data, 7));
        for (int at = 8; at + 2 <= end; at += 2 + BigEndian.u8(data, at + 1)) {
            int type = BigEndian.u8(data, at);
            int next = at + 2 + BigEndian.u8(data, at + 1);
            if (next > end) {
                break;
            }
            if (type == D_INFORMATION && next >= at + 12 && (data[at + 2] & VALID) != 0) {
                information = OptionalLong.of(BigEndian.u64(data, at + 4));
            } else if (type == D_KEY_SPECIFIC && next >= at + 8 && (data[at + 4] & VALID) != 0) {
                pointer = BigEndian.u24(data, at + 4);
            } else if (type == D_BLOCK && next >= at + 4) {
                ili = (data[at + 3] & ILI) != 0;
            }
        }
        return new Sense(SenseKey.of(data[1]), BigEndian.u8(data, 2), BigEndian.u8(data, 3), information, pointer, ili);
    }
}
