package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table of operations in docs/scsi.md is the one in the code. */
class OperationTableTest {
    @Test
    void everyOperationIsARow() throws IOException {
        String text = Files.readString(Path.of(System.getProperty("ringside.root"), "docs", "scsi.md"));
        for (Operation each : Operation.values()) {
            String code = String.format("%02Xh", each.code());
            String action = each.action() == Operation.NO_ACTION ? "" : String.format("/%02Xh", each.action());
            String row = String.format("| %s%s | %s | %s | `", code, action, each.title(), each.section());
            assertThat(text).contains(row);
        }
    }
}
