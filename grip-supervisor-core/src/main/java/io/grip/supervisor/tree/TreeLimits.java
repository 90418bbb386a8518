package io.grip.supervisor.tree;

import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What all trees of one application share: how many restarts per second, how many at once, and how many abandoned
 * incarnations are too many. Restarts beyond that wait their turn, the trees in turn too. First starts and manual
 * restarts are never held up.
 *
 * <p>Trees that share limits must go by the same clock. Safe for use by any thread; all state is guarded by this, and
 * nothing is called under the lock.
 */
public final class TreeLimits {

    /** No limit. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private final int restartsPerSecond;
    private final int atOnce;
    private final int maxAbandoned;
    private final long interval;
    private final long tolerance;

    private final AtomicInteger abandoned = new AtomicInteger();

    /** By tree, in the order of their asking; a tree in which nobody waits is not here, nor in turn. */
    private final Map<Tree, Set<Ticket>> waiting = new HashMap<>();

    private final Deque<Tree> turns = new ArrayDeque<>();
    private int underWay;
    private boolean everUsed;
    private long nextDue;
    private TimeSource.@Nullable Timer timer;

    private TreeLimits(int restartsPerSecond, int burst, int atOnce, int maxAbandoned) {
        Checks.atLeast("restarts-per-second", restartsPerSecond, 1);
        Checks.atLeast("burst", burst, 1);
        Checks.atLeast("at-once", atOnce, 1);
        Checks.atLeast("max-abandoned", maxAbandoned, 0);
        this.restartsPerSecond = restartsPerSecond;
        this.atOnce = atOnce;
        this.maxAbandoned = maxAbandoned;
        this.interval = 1_000_000_000L / restartsPerSecond;
        this.tolerance = interval * (burst - 1);
    }

    /** 50 restarts a second after a burst of 100, 16 at once, 8 abandoned. */
    public static TreeLimits defaults() {
        return of(50, 100, 16, 8);
    }

    /** None. */
    public static TreeLimits unlimited() {
        return of(UNLIMITED, 1, UNLIMITED, UNLIMITED);
    }

    /**
     * Limits of one's own.
     *
     * @param restartsPerSecond how many restarts a second once the burst is used up, 1 or more, or {@link #UNLIMITED}
     * @param burst how many restarts may come at once after a quiet time, 1 or more
     * @param atOnce how many children may be starting again at the same time, 1 or more, or {@link #UNLIMITED}
     * @param maxAbandoned how many abandoned incarnations are borne; one more and the root's action is due; zero or
     *     more, or {@link #UNLIMITED}
     * @throws IllegalArgumentException if a value is out of range
     */
    public static TreeLimits of(int restartsPerSecond, int burst, int atOnce, int maxAbandoned) {
        return new TreeLimits(restartsPerSecond, burst, atOnce, maxAbandoned);
    }

    /** How many incarnations are abandoned at this moment, in all trees. */
    public int abandoned() {
        return abandoned.get();
    }

    /** How many restarts wait for their turn at this moment, in all trees. */
    public synchronized int waiting() {
        return waiting.values().stream().mapToInt(Set::size).sum();
    }

    /** How many restarts are under way at this moment, in all trees, of those that count. */
    public synchronized int underWay() {
        return underWay;
    }

    boolean holdsNobodyUp() {
        return restartsPerSecond == UNLIMITED && atOnce == UNLIMITED;
    }

    /** Counts one more. Returns whether that is too many. */
    boolean countAbandoned() {
        return abandoned.incrementAndGet() > maxAbandoned;
    }

    void countReaped() {
        abandoned.decrementAndGet();
    }

    /** Asks for a restart. Returns null if it may go ahead at once; otherwise the ticket will be granted. */
    synchronized @Nullable Ticket request(WorkerNode node) {
        long now = node.tree.time.nanoTime();
        if (turns.isEmpty() && isFree(now)) {
            take(now);
            return null;
        }
        Ticket ticket = new Ticket(node);
        Set<Ticket> ofTree = waiting.get(node.tree);
        if (ofTree == null) {
            ofTree = new LinkedHashSet<>();
            waiting.put(node.tree, ofTree);
            turns.addLast(node.tree);
        }
        ofTree.add(ticket);
        armFor(now);
        return ticket;
    }

    /** A restart that went ahead is over, well or not. */
    void release() {
        List<Ticket> granted;
        synchronized (this) {
            underWay--;
            granted = grant();
        }
        tell(granted);
    }

    /** Nobody waits for this any more; of one that has been granted meanwhile its owner knows. */
    synchronized void cancel(Ticket ticket) {
        Tree tree = ticket.node.tree;
        Set<Ticket> ofTree = waiting.get(tree);
        if (ofTree != null && ofTree.remove(ticket) && ofTree.isEmpty()) {
            waiting.remove(tree);
            turns.remove(tree);
            if (turns.isEmpty() && timer != null) {
                timer.cancel();
                timer = null;
            }
        }
    }

    private void look() {
        List<Ticket> granted;
        synchronized (this) {
            timer = null;
            granted = grant();
        }
        tell(granted);
    }

    private List<Ticket> grant() {
        if (turns.isEmpty()) {
            return List.of();
        }
        long now = turns.getFirst().time.nanoTime();
        List<Ticket> granted = new ArrayList<>();
        while (!turns.isEmpty() && isFree(now)) {
            take(now);
            granted.add(nextInTurn());
        }
        armFor(now);
        return granted;
    }

    private Ticket nextInTurn() {
        Tree tree = turns.removeFirst();
        Set<Ticket> ofTree = waiting.get(tree);
        if (ofTree == null) {
            throw new IllegalStateException("a tree has its turn without waiting");
        }
        Ticket next = ofTree.iterator().next();
        ofTree.remove(next);
        if (ofTree.isEmpty()) {
            waiting.remove(tree);
        } else {
            turns.addLast(tree);
        }
        return next;
    }

    /** A bucket as one number: when the next restart would be due if they came evenly; so much earlier is borne. */
    private boolean isFree(long now) {
        return underWay < atOnce && (!everUsed || nextDue - now <= tolerance);
    }

    private void take(long now) {
        underWay++;
        nextDue = (everUsed && Nanos.isBefore(now, nextDue) ? nextDue : now) + interval;
        everUsed = true;
    }

    private void armFor(long now) {
        if (timer == null && !turns.isEmpty() && underWay < atOnce) {
            long at = nextDue - tolerance;
            timer = turns.getFirst().time.schedule(Nanos.isBefore(at, now) ? now : at, this::look);
        }
    }

    private static void tell(List<Ticket> granted) {
        granted.forEach(ticket -> ticket.node.tree.owner.submit(new Command.Granted(ticket)));
    }

    /** A restart that waits its turn. */
    static final class Ticket {
        final WorkerNode node;

        Ticket(WorkerNode node) {
            this.node = node;
        }
    }
}
