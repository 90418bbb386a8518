package io.grip.supervisor.thread;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands that may block as long as they like. None waits for another to end, so the number of threads has no
 * limit; and yet a burst of short commands is run by a few.
 *
 * <p><b>Guarantees</b> that as long as there is a command in the queue, a thread is on its way to it: started or woken, or
 * done with its last command. Whoever takes a command and leaves others behind sees to that first, so it may block for
 * ever in what it has taken. <b>Assumes</b> that a thread can be had: where none can, the submitter hears of it and keeps
 * the command; where it was no submitter who wanted it, the commands wait for a thread of the crew, or the next submitter.
 *
 * <p>All state is guarded by the monitor of the queue, under which threads are started and woken, and nothing of anybody
 * else's runs.
 */
final class Crew implements Executor {

    /** How long a thread waits for another command before it ends. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final ThreadFactory threads;
    private final Deque<Runnable> queue = new ArrayDeque<>();

    /** Those without a command; the last to come is the first to be woken, so that too many of them end. */
    private final Deque<Member> idle = new ArrayDeque<>();

    /** Whether a thread was started or woken that has not looked at the queue since. One at a time is enough. */
    private boolean onItsWay;

    /** A crew without anybody in it. */
    Crew(ThreadFactory threads) {
        this.threads = threads;
    }

    /**
     * {@inheritDoc} What it throws goes to the uncaught exception handler of its thread.
     *
     * @throws OutOfMemoryError if it takes another thread and none can be had
     */
    @Override
    public void execute(Runnable command) {
        Objects.requireNonNull(command, "command");
        synchronized (queue) {
            if (!onItsWay) {
                summon();
            }
            queue.addLast(command);
        }
    }

    /** Under the monitor. */
    private void summon() {
        Member woken = idle.pollLast();
        if (woken == null) {
            threads.newThread(new Member()).start();
        } else {
            LockSupport.unpark(woken.thread);
        }
        onItsWay = true;
    }

    /** One thread. */
    private final class Member implements Runnable {

        private @Nullable Thread thread;

        @Override
        public void run() {
            thread = Thread.currentThread();
            Runnable command = first();
            while (command != null) {
                perform(command);
                command = next();
            }
        }

        /** Of one who was on its way; null if others were quicker and nothing more has come. */
        private @Nullable Runnable first() {
            synchronized (queue) {
                onItsWay = false;
            }
            return next();
        }

        private @Nullable Runnable next() {
            synchronized (queue) {
                Runnable command = take();
                if (command != null) {
                    return command;
                }
                idle.addLast(this);
            }
            // It may end too soon, for a stranger's unpark or interrupt: then another is started in its place.
            LockSupport.parkNanos(Crew.this, PATIENCE);
            Thread.interrupted();
            return wasSummoned() ? first() : null;
        }

        /** Under the monitor. */
        private @Nullable Runnable take() {
            Runnable command = queue.pollFirst();
            if (!queue.isEmpty() && !onItsWay) {
                summonOrLeave();
            }
            return command;
        }

        private void summonOrLeave() {
            try {
                summon();
            } catch (Throwable noThread) {
                // This thread comes back after its command, and whoever submits the next one tries again.
            }
        }

        private boolean wasSummoned() {
            synchronized (queue) {
                return !idle.remove(this);
            }
        }

        private void perform(Runnable command) {
            try {
                command.run();
            } catch (Throwable thrown) {
                tellHandler(thrown);
            } finally {
                // Whoever meant the command has come too late, and does not mean the next one.
                Thread.interrupted();
            }
        }
    }

    private static void tellHandler(Throwable thrown) {
        Thread current = Thread.currentThread();
        try {
            current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
        } catch (Throwable ignored) {
            // As the JVM itself does with a handler that fails.
        }
    }
}
