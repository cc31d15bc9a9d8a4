package dev.ringside.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writesAsciiOnly() {
        byte[] line = Json.line(Json.string("h\u00e9 \u20ac \ud83d\ude00 \u0001\u007f\"\\"));
        String text = new String(line, StandardCharsets.ISO_8859_1);
        assertThat(text).isEqualToIgnoringCase("\"h\\u00e9 \\u20ac \\ud83d\\ude00 \\u0001\u007f\\\"\\\\\"\n");
        for (byte b : line) {
            assertThat(b).isNotNegative();
        }
    }

    @Test
    void escapesNamesToo() {
        assertThat(Json.text(Json.object().put("\u00fc", 1))).isEqualToIgnoringCase("{\"\\u00fc\":1}");
    }

    @Test
    void numbersComeBackAsTheyWere() throws JsonException {
        for (String number :
                new String[] {"0", "-1", "1.50", "1E+400", "9223372036854775807", "18446744073709551615", "0.1", "1E-7"
                }) {
            assertThat(Json.text(Json.parse(number))).isEqualTo(number);
        }
    }

    @Test
    void parseWantsExactlyOneValue() {
        assertThatThrownBy(() -> Json.parse("")).hasMessageContaining("no JSON value");
        assertThatThrownBy(() -> Json.parse("1 2")).hasMessageContaining("more than one");
        assertThatThrownBy(() -> Json.parse("{\"a\":{\"b\":1,\"b\":2}}")).hasMessageContaining("'b' more than once");
    }

    @Test
    void parseNamesLineAndColumn() {
        assertThatThrownBy(() -> Json.parse("{\n  \"a\": 1,\n  b\n}")).hasMessageContaining("line 3, column");
    }
}
