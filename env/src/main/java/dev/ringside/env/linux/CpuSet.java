package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A set of processor cores, by number from 0 to 1023. Immutable. */
public final class CpuSet {
    private static final int LIMIT = 1024;

    /** More than any kernel is built for (8192): it refuses a mask that is shorter than its own. */
    private static final int MASK_BYTES = 1024;

    private static final Pattern MASK = Pattern.compile("(?:0[xX])?([0-9a-fA-F]+)");
    private static final Pattern RANGE = Pattern.compile("\\s*(\\d+)\\s*(?:-\\s*(\\d+)\\s*)?");

    private final BitSet cores;

    private CpuSet(BitSet cores) {
        this.cores = cores;
    }

    /**
     * Reads a set in one of SPDK's two spellings: a mask in hexadecimal ("0x3", or "3", which is the same), or a list of
     * cores ("[0,2-4]", or "0,2-4" where a comma or a dash tells it from a mask).
     *
     * @throws IllegalArgumentException when it is neither, or names no core or one above 1023; the message says which
     */
    public static CpuSet parse(String text) {
        String trimmed = text.strip();
        boolean bracketed = trimmed.startsWith("[");
        BitSet cores;
        if (bracketed || trimmed.contains(",") || trimmed.contains("-")) {
            if (bracketed != trimmed.endsWith("]")) {
                throw wrong(text, "a bracket is missing");
            }
            cores = parseList(text, bracketed ? trimmed.substring(1, trimmed.length() - 1) : trimmed);
        } else {
            Matcher mask = MASK.matcher(trimmed);
            if (!mask.matches()) {
                throw wrong(text, trimmed.isEmpty() ? "it is empty" : "it is not a hexadecimal number");
            }
            cores = BitSet.valueOf(reversed(new BigInteger(mask.group(1), 16).toByteArray()));
        }
        if (cores.isEmpty()) {
            throw wrong(text, "it names no core");
        }
        if (cores.length() > LIMIT) {
            throw wrong(text, "core " + (cores.length() - 1) + " is too high");
        }
        return new CpuSet(cores);
    }

    private static BitSet parseList(String text, String list) {
        BitSet cores = new BitSet();
        for (String part : list.split(",", -1)) {
            Matcher range = RANGE.matcher(part);
            if (!range.matches()) {
                throw wrong(text, "\"" + part + "\" is not a core or a range of cores");
            }
            int first = parseCore(text, range.group(1));
            int last = range.group(2) == null ? first : parseCore(text, range.group(2));
            if (last < first) {
                throw wrong(text, "the range \"" + part.strip() + "\" goes down");
            }
            cores.set(first, last + 1);
        }
        return cores;
    }

    private static int parseCore(String text, String digits) {
        if (digits.length() > 9 || Integer.parseInt(digits) >= LIMIT) {
            throw wrong(text, "core " + digits + " is too high");
        }
        return Integer.parseInt(digits);
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not a set of cores: " + why
                + "; allowed are a hexadecimal mask such as 0x3 and a list such as [0,2-4], of cores 0 to "
                + (LIMIT - 1));
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = bytes[bytes.length - 1 - i];
        }
        return result;
    }

    /**
     * Returns the cores that this process may run on (sched_getaffinity(2) of its first thread, which nobody pins).
     *
     * @throws LinuxException such as EPERM
     */
    public static CpuSet online() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            int pid = (int) ProcessHandle.current().pid();
            int result = Kernel.schedGetaffinity(pid, MASK_BYTES, mask.address());
            Kernel.check("sched_getaffinity", result);
            return new CpuSet(BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG)));
        }
    }

    /**
     * Lets the calling thread, a platform thread, run on one core only.
     *
     * @throws LinuxException EINVAL when the core is not there or not this process's
     */
    public static void pinCurrentThread(int core) throws LinuxException {
        if (core < 0 || core >= LIMIT) {
            throw new IllegalArgumentException("a core is from 0 to " + (LIMIT - 1) + ", not " + core);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            mask.set(ValueLayout.JAVA_BYTE, core / 8, (byte) (1 << core % 8));
            int result = Kernel.schedSetaffinity(0, MASK_BYTES, mask.address());
            Kernel.check("sched_setaffinity", "to core " + core, result);
        }
    }

    /** Returns the kernel's number of the calling thread (gettid(2)), a platform thread. */
    public static int currentTid() {
        return Kernel.gettid();
    }

    /** {@return the cores, in ascending order} */
    public int[] cores() {
        return cores.stream().toArray();
    }

    /** {@return whether the core is in the set} */
    public boolean contains(int core) {
        return core >= 0 && cores.get(core);
    }

    /** {@return whether there is no core in the set, as an intersection may turn out} */
    public boolean isEmpty() {
        return cores.isEmpty();
    }

    /** {@return the cores that are in both sets} */
    public CpuSet intersect(CpuSet other) {
        BitSet both = (BitSet) cores.clone();
        both.and(other.cores);
        return new CpuSet(both);
    }

    /** {@return the mask in hexadecimal, such as "0x3"} */
    public String toMask() {
        return "0x"
                + new BigInteger(1, reversed(cores.toByteArray())).toString(16).toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuSet set && cores.equals(set.cores);
    }

    @Override
    public int hashCode() {
        return cores.hashCode();
    }

    @Override
    public String toString() {
        return toMask();
    }
}
