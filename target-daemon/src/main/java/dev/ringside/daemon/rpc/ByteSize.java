package dev.ringside.daemon.rpc;

import dev.ringside.rpc.error.RpcException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: 400G, with multiples of 1,024, or a number of bytes. */
final class ByteSize {
    /** What is accepted, for a parameter's type. */
    static final String FORM = "[0-9]{1,19}[KMGTP]?(i?B)?";

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,19})([KMGTP]?)(?:i?B)?");
    private static final String UNITS = "KMGTP";
    private static final int STEP = 10;

    private ByteSize() {}

    /**
     * The bytes.
     *
     * @throws RpcException if it is none, or more than 63 bits
     */
    static long parse(String param, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (matcher.matches()) {
            int shift = STEP * (matcher.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(matcher.group(2)));
            try {
                return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
            } catch (ArithmeticException | NumberFormatException e) {
                throw RpcException.invalidParams("parameter '" + param + "' is too large: " + text);
            }
        }
        throw RpcException.invalidParams("parameter '" + param + "' must be a size such as 400G, not " + text);
    }
}
