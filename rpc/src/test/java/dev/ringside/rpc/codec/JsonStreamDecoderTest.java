package dev.ringside.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonStreamDecoderTest {
    private static final JsonLimits SMALL = new JsonLimits(40, 5, 3);

    @Test
    void splitsValuesWithAndWithoutWhiteSpaceBetween() throws JsonException {
        assertThat(decode("{}{}[1]\n\n{\n  \"a\": 1\n}[2] 7 \"x\"true null", JsonLimits.REQUEST, 1000))
                .containsExactly("{}", "{}", "[1]", "{\"a\":1}", "[2]", "7", "\"x\"", "true", "null");
    }

    @Test
    void cutsAnywhereMakeNoDifference() throws JsonException {
        String stream =
                " {\"k\": [1, -2.50, 18446744073709551615, \"h\u00e9 \\u20ac \ud83d\ude00\", true, null]}{} [[]]\t12 ";
        List<String> whole = decode(stream, JsonLimits.REQUEST, 1000);
        assertThat(whole).hasSize(4);
        for (int piece = 1; piece < 40; piece++) {
            assertThat(decode(stream, JsonLimits.REQUEST, piece)).isEqualTo(whole);
        }
    }

    @Test
    void keepsIntegersOf64Bits() throws JsonException {
        assertThat(decode("[9223372036854775807,18446744073709551615,-9223372036854775808]", JsonLimits.REQUEST, 7))
                .containsExactly("[9223372036854775807,18446744073709551615,-9223372036854775808]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "{x",
                "{\"a\" 1",
                "[1,]",
                "{,",
                "]",
                "[}",
                "01",
                "+1",
                "'a'",
                "NaN",
                "//",
                ",",
                "\"\n",
                "\"\\x",
                "\"\\ud800\" ",
                "\"\\udc00\\ud800\" ",
                "[1 2",
                "1.e",
                "tru "
            })
    void refusesWhatIsNotJsonAsSoonAsItCanBeSeen(String text) {
        assertThatThrownBy(() -> feedOnly(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        JsonException.class, e -> assertThat(e.isLimit()).isFalse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[1", "\"abc", "tr", "{\"a\":", "1.", "-"})
    void refusesAnEndInsideAValue(String text) {
        assertThatThrownBy(() -> decode(text, JsonLimits.REQUEST, 100)).isInstanceOf(JsonException.class);
    }

    @Test
    void refusesIllFormedUtf8() {
        int[][] bad = {
            {0x80},
            {0xc0, 0xaf},
            {0xc1, 0x80},
            {0xc3, 0x28},
            {0xe0, 0x80, 0x80},
            {0xed, 0xa0, 0x80},
            {0xf0, 0x80, 0x80, 0x80},
            {0xf4, 0x90, 0x80, 0x80},
            {0xf5},
            {0xff},
            {0xe2, 0x82, 0x22}
        };
        for (int[] sequence : bad) {
            byte[] text = new byte[sequence.length + 2];
            text[0] = '"';
            for (int i = 0; i < sequence.length; i++) {
                text[i + 1] = (byte) sequence[i];
            }
            text[sequence.length + 1] = '"';
            assertThatThrownBy(() -> feedOnly(text)).isInstanceOf(JsonException.class);
        }
    }

    @Test
    void takesEveryWellFormedCharacter() throws JsonException {
        StringBuilder text = new StringBuilder("\"");
        for (int c : new int[] {0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
            text.appendCodePoint(c);
        }
        String value = text.append('"').toString();
        assertThat(Json.parse(value).stringValue()).isEqualTo(value.substring(1, value.length() - 1));
        assertThat(decode(value, JsonLimits.REQUEST, 1)).hasSize(1);
    }

    @Test
    void handsOutValuesBeforeAnError() {
        List<String> values = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.REQUEST)) {
            byte[] bytes = "{\"a\":1}[2] nonsense".getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> decoder.feed(bytes, 0, bytes.length, v -> values.add(Json.text(v.value()))))
                    .isInstanceOf(JsonException.class);
        }
        assertThat(values).containsExactly("{\"a\":1}", "[2]");
    }

    @Test
    void theLimitOfBytesIsExactWhateverTheCuts() throws JsonException {
        String fits = "[\"" + "x".repeat(36) + "\"]";
        String over = "[\"" + "x".repeat(37) + "\"]";
        String blanks = " \n".repeat(100);
        for (int piece = 1; piece < 300; piece += 13) {
            assertThat(decode(blanks + fits + blanks + fits + fits, SMALL, piece))
                    .hasSize(3);
            int size = piece;
            JsonException e =
                    catchThrowableOfType(JsonException.class, () -> decode(fits + blanks + over + blanks, SMALL, size));
            assertThat(e.isLimit()).isTrue();
            assertThat(e).hasMessageContaining("40 bytes");
        }
    }

    @Test
    void theLimitOfBytesHoldsInsideAStringThatNeverEnds() {
        JsonException e = catchThrowableOfType(
                JsonException.class, () -> feedOnly(("\"" + "x".repeat(300_000)).getBytes(StandardCharsets.UTF_8)));
        assertThat(e.isLimit()).isTrue();
    }

    @Test
    void tellsTheLengthOfEachValue() throws JsonException {
        List<Integer> lengths = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.REQUEST)) {
            byte[] bytes = "  {\"a\": 1}\n[]\"\u00e9\"".getBytes(StandardCharsets.UTF_8);
            for (byte b : bytes) {
                decoder.feed(new byte[] {b}, 0, 1, v -> lengths.add(v.length()));
            }
        }
        assertThat(lengths).containsExactly(8, 2, 4);
    }

    @Test
    void theLimitOfValuesIsExact() throws JsonException {
        assertThat(decode("[1,2,3,4]{\"a\":1,\"b\":[2,3]}", SMALL, 100)).hasSize(2);
        assertThatThrownBy(() -> decode("[1,2,3,4,5]", SMALL, 100)).hasMessageContaining("5 values");
        assertThatThrownBy(() -> decode("{\"a\":1,\"b\":[2,3,4]}", SMALL, 100)).hasMessageContaining("5 values");
    }

    @Test
    void theLimitOfDepthIsExact() throws JsonException {
        assertThat(decode("[[[]]]{\"a\":[{}]}", SMALL, 100)).hasSize(2);
        assertThatThrownBy(() -> decode("[[[[", SMALL, 100)).hasMessageContaining("3 levels");
        assertThatThrownBy(() -> decode("[[[{", SMALL, 100)).hasMessageContaining("3 levels");
    }

    @Test
    void longNumbersAreRefusedByAnotherName() {
        JsonException e = catchThrowableOfType(
                JsonException.class, () -> decode("[" + "9".repeat(2000) + "]", JsonLimits.REQUEST, 100_000));
        assertThat(e.isLimit()).isTrue();
        assertThat(e).hasMessageContaining("1000 digits");
    }

    @Test
    void remembersRepeatedNamesPerObject() throws JsonException {
        List<DecodedValue> values = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.REQUEST)) {
            byte[] bytes =
                    "[{\"a\":1,\"a\":1},{\"b\":{\"c\":1,\"\\u0063\":1}},{\"d\":1}]{}".getBytes(StandardCharsets.UTF_8);
            decoder.feed(bytes, 0, bytes.length, values::add);
        }
        DecodedValue first = values.getFirst();
        assertThat(first.duplicateIn(first.value())).isEmpty();
        assertThat(first.duplicateIn(first.value().get(0))).contains("a");
        assertThat(first.duplicateIn(first.value().get(1))).isEmpty();
        assertThat(first.duplicateBelow(first.value().get(1))).contains("c");
        assertThat(first.duplicateBelow(first.value().get(2))).isEmpty();
        assertThat(values.get(1).duplicates()).isEmpty();
    }

    @Test
    void randomBytesNeverDoMoreThanThrow() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("JsonStreamDecoderTest seed " + seed);
        Random random = new Random(seed);
        byte[] alphabet = "{}[]\",:0123456789.eE-+ \n\\utrfalsn\u00e9\u20ac".getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(1, 30)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            assertThat(outcome(bytes, 1))
                    .as("seed %d, %s", seed, new String(bytes, StandardCharsets.UTF_8))
                    .isEqualTo(outcome(bytes, 100));
        }
    }

    private static String outcome(byte[] bytes, int piece) {
        List<String> values = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.REQUEST)) {
            for (int at = 0; at < bytes.length; at += piece) {
                decoder.feed(bytes, at, Math.min(piece, bytes.length - at), v -> values.add(Json.text(v.value())));
            }
            decoder.end(v -> values.add(Json.text(v.value())));
            return values + " end";
        } catch (JsonException e) {
            return values + " error";
        }
    }

    private static void feedOnly(byte[] bytes) throws JsonException {
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.REQUEST)) {
            decoder.feed(bytes, 0, bytes.length, v -> {});
        }
    }

    private static List<String> decode(String text, JsonLimits limits, int piece) throws JsonException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<String> values = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(limits)) {
            for (int at = 0; at < bytes.length; at += piece) {
                decoder.feed(bytes, at, Math.min(piece, bytes.length - at), v -> values.add(Json.text(v.value())));
            }
            decoder.end(v -> values.add(Json.text(v.value())));
        }
        return values;
    }
}
