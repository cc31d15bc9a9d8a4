package dev.ringside.testkit.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Attacks a back end, in this process or another: one session after another, each a front end that sets up rings, offers
 * requests and sends messages, most of them right. One thread.
 *
 * <p>What a session does depends on the seed, its number, and a little on how fast the back end is.
 */
public final class Attacker {
    private static final int STEPS = 120;
    /** A ring of more entries than that can have more requests than a back end takes at once. */
    private static final int BURST = 2048;

    private final List<Attacked> attacked;
    private final long seed;
    private final Runnable operator;
    private long sessions;
    private long steps;
    private long refused;
    private long closed;

    /**
     * Attacks several devices, a session at one of them.
     *
     * @param operator what an operator does while guests run, called now and then
     */
    public Attacker(List<Attacked> attacked, long seed, Runnable operator) {
        this.attacked = List.copyOf(attacked);
        this.seed = seed;
        this.operator = operator;
    }

    /**
     * Attacks until it is told to stop; looks between sessions, which take some milliseconds.
     *
     * @throws IOException if the back end is not there, does not answer, or wrote where it must not
     * @throws IllegalStateException if it gave a request back with an answer that is none
     */
    public void run(BooleanSupplier until) throws IOException {
        while (!until.getAsBoolean()) {
            session(sessions);
        }
    }

    /**
     * Does one session, from connecting to leaving.
     *
     * @param number which; what it does depends on it
     * @throws IOException as {@link #run}
     * @throws IllegalStateException as {@link #run}
     */
    public void session(long number) throws IOException {
        Dice dice = new Dice(Dice.seed(seed, number));
        Attacked victim = attacked.get(dice.below(attacked.size()));
        dice.bendOneIn(dice.pick(0, 0, 40, 150, 600));
        sessions++;
        try (AttackSession session = new AttackSession(victim, dice, operator)) {
            try {
                act(session);
            } catch (ConversationEnded e) {
                closed++;
            }
            refused += session.refused();
            String damage = session.damage();
            if (!damage.isEmpty()) {
                throw new IOException(damage);
            }
        }
    }

    private void act(AttackSession session) throws IOException {
        Dice dice = session.dice;
        dice.step(0);
        session.start();
        int last = 4 + dice.below(STEPS);
        for (int step = 1; step <= last; step++) {
            dice.step(step);
            steps++;
            step(session);
        }
        dice.step(last + 1);
        end(session);
    }

    private static void step(AttackSession session) throws IOException {
        Dice dice = session.dice;
        int kind = dice.below(100);
        if (kind < 62) {
            load(session, session.ringToLoad());
        } else if (kind < 70) {
            session.rings[session.anyRing()].wish();
        } else if (kind < 76) {
            scribble(session);
        } else if (kind < 83) {
            restart(session, session.anyRing());
        } else if (kind < 84) {
            if (!session.plan.careful() && dice.oneIn(4)) {
                session.reconnect();
            }
        } else {
            ControlStep.draw(dice, session.plan.careful()).on(session);
            if (!dice.oneIn(4)) {
                session.sync();
            }
        }
        session.event.signal();
    }

    /** Offers some requests, and perhaps waits for them. */
    private static void load(AttackSession session, int index) {
        Dice dice = session.dice;
        AttackRing ring = session.rings[index];
        if (dice.oneIn(ring.size > BURST ? 6 : 40)) {
            ring.burst();
        }
        if (dice.bends() && dice.oneIn(20)) {
            // There is one table only for as many.
            ring.settle();
            ring.offer(ring.requests.tooLong(), true);
        }
        int count = dice.oneIn(10) ? 1 + dice.below(200) : 1 + dice.below(6);
        for (int i = 0; i < count; i++) {
            boolean table = dice.oneIn(3);
            ring.reap();
            int room = table ? dice.pick(8, 40) : Math.min(ring.free(), Buffers.MOST);
            if (room < 2) {
                break;
            }
            ring.offer(session.requestsFor(index).next(room), table);
        }
        ring.show();
        session.event.signal();
        if (dice.wrong()) {
            ring.requests.changeHeader();
        }
        if (dice.oneIn(3)) {
            ring.settle();
        }
    }

    private static void scribble(AttackSession session) {
        if (!session.dice.bends()) {
            return;
        }
        int index = session.anyRing();
        InflightCraft inflight = session.inflightOf(index);
        if (inflight != null && session.dice.coin()) {
            inflight.scribble();
        } else {
            session.rings[index].scribble();
        }
    }

    /** Stops a ring, and starts it where it stopped or anew. */
    private static void restart(AttackSession session, int index) throws IOException {
        if (session.dice.oneIn(3)) {
            // As many in flight as can be.
            session.rings[index].burst();
            session.event.signal();
        }
        int base = session.stopRing(index);
        if (session.dice.oneIn(3)) {
            session.rings[index].reset();
            base = session.rings[index].base();
        }
        session.startRing(index, base);
        session.sync();
    }

    /** How a session ends. */
    private static void end(AttackSession session) throws IOException {
        Dice dice = session.dice;
        switch (dice.below(6)) {
            case 0 -> {
                load(session, session.ringToLoad());
                session.memory.truncate(dice);
                afterTruncation(session);
            }
            case 1 -> {
                load(session, session.ringToLoad());
                session.truncateInflight();
                afterTruncation(session);
            }
            case 2 -> {
                for (int i = 0; i < session.rings.length; i++) {
                    session.stopRing(i);
                    session.rings[i].reap();
                }
            }
            case 3 -> ControlStep.breakProtocol(session);
            case 4 -> load(session, session.ringToLoad());
            default -> session.sync();
        }
    }

    /** Messages only, since memory is gone. */
    private static void afterTruncation(AttackSession session) throws IOException {
        session.event.signal();
        if (session.dice.coin()) {
            session.sync();
            session.event.signal();
            session.stopRing(session.anyRing());
            session.sync();
        }
    }

    /** Sessions so far. */
    public long sessions() {
        return sessions;
    }

    /** What it did so far, in a line. */
    @Override
    public String toString() {
        return sessions + " sessions, " + steps + " steps, " + refused + " requests refused, " + closed
                + " connections closed by the back end";
    }
}
