package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTextTest {
    @Test
    void aPlainSuccessIsNothingAndANameIsItself() {
        assertThat(text("true")).isEmpty();
        assertThat(text("'Malloc0'")).containsExactly("Malloc0");
        assertThat(text("['a', 'b']")).containsExactly("a", "b");
    }

    @Test
    void severalObjectsAreATableOfWhatFits() {
        assertThat(text("[{'name': 'a', 'n': 5, 'more': {'x': 1}}, {'name': 'long', 'n': 10, 'more': {'x': 2}}]"))
                .containsExactly("NAME   N", "a      5", "long  10");
    }

    @Test
    void nothingIsLeftOutOfASingleObject() {
        assertThat(text("{'reactors': [{'name': 'r', 'worst': {'ns': 7, 'ran': []}}]}"))
                .containsExactly("reactors:", "  name: r", "  worst:", "    ns: 7", "    ran:");
        assertThat(text("{'reactors': [{'name': 'r', 'stalls': 0}]}"))
                .containsExactly("reactors:", "  NAME  STALLS", "  r          0");
    }

    @Test
    void membersThatAreAlikeAreATable() {
        assertThat(text("{'spans': {'ring': {'count': 1, 'p99': 250}, 'device': {'count': 1, 'p99': 9}}}"))
                .containsExactly("spans:", "  NAME    COUNT  P99", "  ring        1  250", "  device      1    9");
        assertThat(text("{'a': {'x': 1}, 'b': {'y': 1}}")).containsExactly("a:", "  x: 1", "b:", "  y: 1");
    }

    private static List<String> text(String json) {
        return ResultText.lines(RunningDaemon.json(json));
    }
}
