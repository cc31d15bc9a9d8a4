package dev.ringside.testkit.fuzz;

import java.io.IOException;

/** The back end has closed the connection, which is its right. */
final class ConversationEnded extends IOException {
    private static final long serialVersionUID = 1;

    ConversationEnded() {
        super("the back end closed the connection");
    }
}
