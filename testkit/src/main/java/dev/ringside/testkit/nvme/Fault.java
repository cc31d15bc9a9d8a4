package dev.ringside.testkit.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Something that goes wrong: it hits commands of a kind, from one of them on, so many times.
 *
 * @param queue {@link #ADMIN}, {@link #ANY_IO}, or the number of a queue; ignored for what happens at an enable
 * @param opcode of the commands that it hits; {@link #ANY}: all
 * @param skip how many of those are spared first
 * @param count how many are hit then
 * @param argument what the kind says
 */
public record Fault(Kind kind, int queue, int opcode, int skip, int count, int argument) {
    /** Every opcode. */
    public static final int ANY = -1;

    /** The admin queue. */
    public static final int ADMIN = 0;

    /** Every queue but that of the administration. */
    public static final int ANY_IO = -1;

    /** What goes wrong. */
    public enum Kind {
        /** The command ends with a status, the argument, and does nothing. */
        STATUS,
        /** The command never ends; it can be aborted. */
        HANG,
        /** The command never ends, whatever is done, but for a reset. */
        STUCK,
        /** The command ends with a status of 0 and an identifier that does not exist first. */
        WRONG_ID,
        /** The command ends twice. */
        TWICE,
        /** The controller says that it has failed (CSTS.CFS) when the command comes. */
        FAIL,
        /** The controller is pulled out when the command comes. */
        VANISH,
        /** So many events as the argument says are told when the command comes. */
        EVENTS,
        /** It takes so many ms as the argument says until the controller is ready. */
        SLOW_ENABLE,
        /** The controller does not become ready before its function is reset. */
        NO_ENABLE,
        /** The controller says that it has failed when it is switched on. */
        FAILED_ENABLE
    }

    /** A fault at an enable. */
    public static Fault atEnable(Kind kind, int skip, int count, int argument) {
        return new Fault(kind, ADMIN, ANY, skip, count, argument);
    }

    /** A fault of I/O commands of any kind. */
    public static Fault ofIo(Kind kind, int skip, int count, int argument) {
        return new Fault(kind, ANY_IO, ANY, skip, count, argument);
    }

    /** Faults at random, of the kinds that a driver has to overcome without its users seeing them. */
    public static List<Fault> random(long seed, int count, int commands) {
        Random random = new Random(seed);
        Kind[] kinds = {Kind.STATUS, Kind.HANG, Kind.STUCK, Kind.WRONG_ID, Kind.TWICE, Kind.FAIL, Kind.EVENTS};
        int[] passing = {0x006, 0x007, 0x021, 0x022, 0x082};
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Kind kind = kinds[random.nextInt(kinds.length)];
            int argument = kind == Kind.STATUS ? passing[random.nextInt(passing.length)] : 1 + random.nextInt(20);
            faults.add(ofIo(kind, random.nextInt(commands), 1, argument));
        }
        return faults;
    }
}
