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

    private final JsonLimits limits;
    private final Utf8Check utf8 = new Utf8Check();
    private final ValueScanner scanner = new ValueScanner();
    private final TreeBuilder tree;
    /** Reads one value, with the white space before it. */
    private JsonParser parser = newParser();

    private @Nullable JsonNode complete;
    private long length;
    private long streamLength;

    /** A decoder at the start of a stream. */
    public JsonStreamDecoder(JsonLimits limits) {
        this.limits = limits;
        this.tree = new TreeBuilder(limits);
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
        split(bytes, offset, bad, sink);
        if (bad < end) {
            throw JsonException.malformed(
                    "ill-formed UTF-8 at byte " + (streamLength + bad - offset) + " of the stream");
        }
        streamLength += length;
    }

    /**
     * The stream has ended: a number may be complete by that, anything else that was under way is an error.
     *
     * @throws JsonException the stream ends inside a value
     */
    public void end(Consumer<DecodedValue> sink) throws JsonException {
        if (scanner.begun()) {
            deliver(sink);
        }
    }

    @Override
    public void close() {
        parser.close();
    }

    private void split(byte[] bytes, int from, int to, Consumer<DecodedValue> sink) throws JsonException {
        int at = from;
        while (at < to) {
            boolean begun = scanner.begun();
            ValueScanner.Found found = scanner.scan(bytes, at, to);
            int stop = scanner.at();
            if (begun || scanner.begun() || found != ValueScanner.Found.MORE) {
                length += stop - (begun ? at : firstOf(bytes, at, stop));
                if (length > limits.bytes()) {
                    throw JsonException.limit("the value is longer than the limit of " + limits.bytes() + " bytes");
                }
            }
            parse(bytes, at, stop);
            if (found != ValueScanner.Found.MORE) {
                deliver(sink);
            }
            at = stop;
        }
    }

    private void parse(byte[] bytes, int from, int to) throws JsonException {
        try {
            if (parser.nonBlockingInputFeeder() instanceof ByteArrayFeeder feeder) {
                feeder.feedInput(bytes, from, to);
            }
            tokens();
        } catch (JacksonException e) {
            throw translated(e);
        }
    }

    private void tokens() throws JsonException {
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == null || token == JsonToken.NOT_AVAILABLE) {
                return;
            }
            JsonNode value = tree.add(parser, token);
            if (value != null) {
                complete = value;
            }
        }
    }

    /** The value ends here: hands it out and is ready for the next one. */
    private void deliver(Consumer<DecodedValue> sink) throws JsonException {
        try {
            parser.nonBlockingInputFeeder().endOfInput();
            tokens();
        } catch (JacksonException e) {
            throw translated(e);
        }
        JsonNode value = complete;
        if (value == null || !tree.idle()) {
            throw JsonException.malformed("the stream ends inside a value");
        }
        parser.close();
        parser = newParser();
        complete = null;
        int bytes = (int) length;
        length = 0;
        sink.accept(new DecodedValue(value, bytes, tree.takeDuplicates()));
    }

    private static JsonParser newParser() {
        return FACTORY.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    }

    private static int firstOf(byte[] bytes, int from, int to) {
        int first = from;
        while (first < to && ValueScanner.isBlank(bytes[first])) {
            first++;
        }
        return first;
    }

    private static JsonException translated(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return JsonException.limit("a number is longer than the limit of " + LONGEST_NUMBER + " digits");
        }
        TokenStreamLocation at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return JsonException.malformed(e.getOriginalMessage() + where);
    }
}
