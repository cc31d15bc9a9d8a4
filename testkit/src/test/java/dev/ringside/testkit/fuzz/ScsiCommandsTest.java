package dev.ringside.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.vhost.queue.Seed;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The fuzzer draws all operations, most of them with CDBs that are right. */
class ScsiCommandsTest {
    private static final int DRAWN = 50_000;

    @Test
    void allOperationsAreDrawn() {
        ScsiCommands commands = new ScsiCommands(new Dice(Seed.of("fuzz commands")));
        Set<Operation> drawn = EnumSet.noneOf(Operation.class);
        int right = 0;
        for (int i = 0; i < DRAWN; i++) {
            commands.draw();
            byte[] cdb = commands.cdb();
            assertThat(cdb).hasSize(ScsiLayout.CDB_BYTES);
            assertThat(commands.list().length).isLessThanOrEqualTo(ParameterLists.MOST);
            Operation operation = Operation.of(cdb);
            if (operation != null) {
                drawn.add(operation);
                right += operation.reservedBit(cdb) == FieldPointer.NONE ? 1 : 0;
            }
        }
        assertThat(drawn).isEqualTo(EnumSet.allOf(Operation.class));
        assertThat(right).isBetween(DRAWN / 2, DRAWN - 1);
    }
}
