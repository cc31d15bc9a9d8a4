package dev.ringside.rpc.codec;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.async.ByteArrayFeeder;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/**
 * Splits a stream of bytes into JSON values (RFC 8259) without any framing: values follow each other
 * with white space between them or with nothing, and come in pieces cut anywhere. Stricter than the
 * parser below it in two things: ill-formed UTF-8 and half surrogate pairs are errors. After an
 * exception the stream has no defined continuation and the decoder is of no further use.
 *
 * <p>Confined to one thread.
 */
public final class JsonStreamDecoder implements AutoCloseable {
    private static final int LONGEST_NUMBER = 1000;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .build();
    private static final long NONE = -1;

    private final JsonLimits limits;
    private final JsonParser parser;
    private final ByteArrayFeeder feeder;
    private final TreeBuilder tree;
    private final Utf8Check utf8 = new Utf8Check();
    /** Bytes fed before the current piece. */
    private long fed;
    /** Offset in the stream just after the last complete value. */
    private long lastEnd;
    /** Offset in the stream of the first byte of the value that is under way. */
    private long start = NONE;

    /** A decoder at the start of a stream. */
    public JsonStreamDecoder(JsonLimits limits) {
        this.limits = limits;
        this.tree = new TreeBuilder(limits);
        this.parser = FACTORY.createNonBlockingByteArrayParser(ObjectReadContext.empty());
        this.feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
    }

    /**
     * Takes the next piece; the bytes are not kept. Values that are complete before an error are handed
     * out before the error is thrown.
     *
     * @throws JsonException not JSON, or past a limit
     */
    public void feed(byte[] bytes, int offset, int length, Consumer<DecodedValue> sink) throws JsonException {
        int end = offset + length;
        int bad = utf8.firstBad(bytes, offset, end);
        if (bad > offset) {
            piece(bytes, offset, bad, sink);
        }
        if (bad < end) {
            throw JsonException.malformed("ill-formed UTF-8 at byte " + fed + " of the stream");
        }
    }

    /**
     * The stream has ended: a number may be complete by that, anything else that was under way is an error.
     *
     * @throws JsonException the stream ends inside a value
     */
    public void end(Consumer<DecodedValue> sink) throws JsonException {
        if (!utf8.atBoundary()) {
            throw JsonException.malformed("the stream ends inside a character");
        }
        feeder.endOfInput();
        try {
            tokens(sink);
        } catch (JacksonException e) {
            throw translated(e);
        }
        if (!tree.idle()) {
            throw JsonException.malformed("the stream ends inside a value");
        }
    }

    @Override
    public void close() {
        parser.close();
    }

    private void piece(byte[] bytes, int from, int to, Consumer<DecodedValue> sink) throws JsonException {
        long pieceStart = fed;
        try {
            feeder.feedInput(bytes, from, to);
            fed += to - from;
            tokens(sink);
        } catch (JacksonException e) {
            throw translated(e);
        }
        if (start == NONE) {
            int first = from + (int) (Math.max(lastEnd, pieceStart) - pieceStart);
            while (first < to && isBlank(bytes[first])) {
                first++;
            }
            if (first < to) {
                start = pieceStart + (first - from);
            }
        }
        if (start != NONE) {
            checkLength(fed);
        }
    }

    private void tokens(Consumer<DecodedValue> sink) throws JsonException {
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == null || token == JsonToken.NOT_AVAILABLE) {
                return;
            }
            if (start == NONE) {
                start = parser.currentTokenLocation().getByteOffset();
            }
            @Nullable JsonNode value = tree.add(parser, token);
            if (value != null) {
                lastEnd = Math.min(parser.currentLocation().getByteOffset(), fed);
                checkLength(lastEnd);
                int length = (int) (lastEnd - start);
                start = NONE;
                sink.accept(new DecodedValue(value, length, tree.takeDuplicates()));
            }
        }
    }

    private void checkLength(long end) throws JsonException {
        if (end - start > limits.bytes()) {
            throw JsonException.limit("the value is longer than the limit of " + limits.bytes() + " bytes");
        }
    }

    private static JsonException translated(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return JsonException.limit("a number is longer than the limit of " + LONGEST_NUMBER + " digits");
        }
        TokenStreamLocation at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return JsonException.malformed(e.getOriginalMessage() + where);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
