package dev.ringside.testkit.nvme;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults that are still to come. Owned by the model's thread. */
final class FaultPlan {
    private final List<Fault> faults;
    private final int[] seen;

    FaultPlan(List<Fault> faults) {
        this.faults = new ArrayList<>(faults);
        this.seen = new int[faults.size()];
    }

    @Nullable
    Fault atEnable() {
        return next(null);
    }

    @Nullable
    Fault of(ModelCommand command) {
        return next(command);
    }

    private @Nullable Fault next(@Nullable ModelCommand command) {
        Fault due = null;
        for (int i = 0; i < seen.length; i++) {
            Fault fault = faults.get(i);
            if (concerns(fault, command)) {
                int n = seen[i]++;
                if (due == null && n >= fault.skip() && n < fault.skip() + fault.count()) {
                    due = fault;
                }
            }
        }
        return due;
    }

    private static boolean concerns(Fault fault, @Nullable ModelCommand command) {
        boolean enable = switch (fault.kind()) {
            case SLOW_ENABLE, NO_ENABLE, FAILED_ENABLE -> true;
            default -> false;
        };
        if (command == null || enable) {
            return command == null && enable;
        }
        int queue = command.queue().id;
        return (fault.queue() == Fault.ANY_IO ? queue != 0 : queue == fault.queue())
                && (fault.opcode() == Fault.ANY || fault.opcode() == command.opcode());
    }
}
