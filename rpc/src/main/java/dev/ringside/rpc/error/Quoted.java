package dev.ringside.rpc.error;

/** Text from a client, fit to stand in a message: short and in quotes. */
public final class Quoted {
    private static final int LONGEST = 64;

    private Quoted() {}

    /** The text in single quotes, cut after 64 characters. */
    public static String text(String text) {
        return "'" + cut(text) + "'";
    }

    /** The text, cut after 64 characters. */
    public static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
