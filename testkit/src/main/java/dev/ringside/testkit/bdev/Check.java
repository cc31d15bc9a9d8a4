package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import java.util.concurrent.Callable;

/**
 * One thing that devices do alike.
 *
 * @param device makes the device
 * @param body fails if the device does not
 */
record Check(String name, Callable<Bdev> device, Body body) {

    static Check of(BdevSubject subject, String name, Body body) {
        return new Check(name, subject::create, body);
    }

    /** Does the checking. */
    interface Body {
        void accept(BdevRig rig) throws Exception;
    }
}
