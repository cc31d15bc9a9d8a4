package dev.ringside.testkit.mptsas;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The faults that are still to come. Guarded by the model. */
public final class MptFaultPlan {
    private final List<MptFault> faults;
    private final int[] seen;

    /** None has come yet. */
    public MptFaultPlan(List<MptFault> faults) {
        this.faults = List.copyOf(faults);
        this.seen = new int[faults.size()];
    }

    /** What befalls the next request; null: nothing. */
    public @Nullable MptFault ofRequest() {
        return next(fault -> !fault.atReset());
    }

    /** Whether a fault of this kind befalls the reset that happens now. */
    public @Nullable MptFault at(MptFault.Kind kind) {
        return next(fault -> fault.kind() == kind);
    }

    private @Nullable MptFault next(Predicate<MptFault> concerned) {
        MptFault due = null;
        for (int i = 0; i < seen.length; i++) {
            MptFault fault = faults.get(i);
            if (concerned.test(fault)) {
                int n = seen[i]++;
                if (due == null && n >= fault.skip() && n < fault.skip() + fault.count()) {
                    due = fault;
                }
            }
        }
        return due;
    }
}
