package dev.ringside.rpc.codec;

/**
 * Finds where one value ends and the next begins, by strings, brackets and literals only; whether it is
 * JSON in between is for the parser to say. One thing it does see before the parser would: a word that is
 * none of JSON's, without waiting for the word's end. Confined to one thread.
 */
final class ValueScanner {
    /** What {@link #scan} has found. */
    enum Found {
        /** All was scanned, and the value goes on, or has not begun. */
        MORE,
        /** The value ends before {@link #at}. */
        END,
        /** The byte before {@link #at} cannot stand there. */
        BAD
    }

    private static final String NUMBER = "";

    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean inLiteral;
    /** The word that the literal must be; {@link #NUMBER} for a number. */
    private String word = NUMBER;

    private int wordLength;
    private boolean begun;
    private int at;

    /** Whether a value is under way. */
    boolean begun() {
        return begun;
    }

    /** Where the last scan stopped. */
    int at() {
        return at;
    }

    /** Scans [from, to), until a value ends. */
    Found scan(byte[] bytes, int from, int to) {
        for (at = from; at < to; ) {
            byte b = bytes[at];
            if (inString) {
                at++;
                if (endsString(b) && depth == 0) {
                    return ended();
                }
            } else if (inLiteral && isDelimiter(b)) {
                inLiteral = false;
                if (depth == 0) {
                    return ended();
                }
            } else {
                at++;
                if (inLiteral ? !continuesLiteral(b) : !begins(b)) {
                    return Found.BAD;
                }
                if ((b == ']' || b == '}') && --depth <= 0) {
                    return ended();
                }
            }
        }
        return Found.MORE;
    }

    private Found ended() {
        begun = false;
        depth = 0;
        return Found.END;
    }

    private boolean endsString(byte b) {
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
        } else if (b == '"') {
            inString = false;
        }
        return !inString;
    }

    private boolean begins(byte b) {
        if (isBlank(b)) {
            return true;
        }
        begun = true;
        switch (b) {
            case '{', '[' -> depth++;
            case '"' -> inString = true;
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> {
                if (b == '-' || (b >= '0' && b <= '9')) {
                    literal(NUMBER);
                } else {
                    return isDelimiter(b);
                }
            }
        }
        return true;
    }

    private void literal(String expected) {
        inLiteral = true;
        word = expected;
        wordLength = 1;
    }

    private boolean continuesLiteral(byte b) {
        if (word.isEmpty()) {
            return (b >= '0' && b <= '9') || b == '+' || b == '-' || b == '.' || b == 'e' || b == 'E';
        }
        return wordLength < word.length() && word.charAt(wordLength++) == b;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static boolean isDelimiter(byte b) {
        return isBlank(b) || b == ',' || b == ':' || b == '{' || b == '}' || b == '[' || b == ']' || b == '"';
    }
}
