package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.schema.SchemaDocument;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RpcReferenceTest {
    @Test
    void docsSayWhatTheSchemaSays() throws IOException {
        Path docs = Path.of(System.getProperty("ringside.root", ".."), "docs", "rpc.md");

        assertThat(docs)
                .as("the reference has drifted: write it again with 'scripts/ringside rpc-reference > docs/rpc.md'")
                .content()
                .isEqualTo(SchemaDocument.render(Schema.methods()));
    }

    @Test
    void methodsAreFoundByName() {
        assertThat(Schema.method("bdev_get_bdevs")).isPresent();
        assertThat(Schema.method("bdev_get_bdev")).isEmpty();
    }
}
