package io.grip.supervisor.spring.lifecycle;

import io.grip.supervisor.Supervisor;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Lets the supervisors of one application context follow its life.
 *
 * <ul>
 *   <li>When the context begins to close they drain: waits end at once, and what is still to come, the web requests in
 *       flight first of all, gets one attempt.
 *   <li>Its stop, which comes after that of the web server and before that of the task executors, waits for what runs,
 *       for as long as the phase has.
 *   <li>Its start, after a pause or a stop, makes them supervise again.
 * </ul>
 *
 * <p>It closes nothing: that is the destruction of the beans. Called by the thread that closes, stops or starts the
 * context, none of which it keeps waiting; a thread of its own waits, from the stop until nothing runs, or until the
 * next start or the destruction of this bean.
 */
public final class SupervisorLifecycle
        implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, Ordered, DisposableBean {

    /** Below the web server's graceful shutdown and stop, above the task executors. */
    public static final int PHASE = Integer.MAX_VALUE - 4096;

    private static final Log log = LogFactory.getLog(SupervisorLifecycle.class);
    private static final Duration AS_LONG_AS_IT_TAKES = Duration.ofDays(365);

    private final ApplicationContext context;
    private final ContextSupervisors supervisors;

    /** Whether started and not stopped since; volatile because any thread may ask. */
    private volatile boolean running;

    /** The thread that waits, if one has been needed. Guarded by this. */
    private @Nullable Thread waiter;

    /**
     * Not started yet.
     *
     * @param context whose life it follows
     */
    public SupervisorLifecycle(ConfigurableApplicationContext context) {
        this.context = context;
        this.supervisors = new ContextSupervisors(context.getBeanFactory());
    }

    /** Drains before anybody else hears of the end: the waits that this ends are what others would wait for. */
    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == context) {
            drain();
        }
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void start() {
        stopWaiting();
        supervisors.existing().forEach(Supervisor::resume);
        running = true;
    }

    /** Drains, and does not wait. */
    @Override
    public void stop() {
        running = false;
        drain();
    }

    /** Drains, and calls back, once, from another thread, when nothing runs any more. */
    @Override
    public void stop(Runnable callback) {
        stop();
        Thread thread = new Thread(() -> awaitIdle(callback), "grip-supervisor-stop");
        thread.setDaemon(true);
        synchronized (this) {
            waiter = thread;
        }
        thread.start();
    }

    @Override
    public void destroy() {
        stopWaiting();
    }

    /** At the close and again at the stop, for the supervisors that came to be in between. */
    private void drain() {
        supervisors.existing().forEach(Supervisor::drain);
    }

    private void awaitIdle(Runnable callback) {
        try {
            for (Supervisor supervisor : supervisors.existing()) {
                int inFlight = supervisor.inFlight();
                if (inFlight > 0) {
                    log.info("Waiting for " + inFlight + " running attempt(s) of supervisor '" + supervisor.name()
                            + "'");
                }
                supervisor.awaitIdle(AS_LONG_AS_IT_TAKES);
            }
        } catch (InterruptedException outlived) {
            // The phase is over and the context has been started again or is gone: nobody waits for what runs, and this
            // thread, whose flag it was, ends here.
            log.debug("Stopped waiting for running attempts", outlived);
        } finally {
            callback.run();
        }
    }

    private synchronized void stopWaiting() {
        if (waiter != null) {
            waiter.interrupt();
            waiter = null;
        }
    }
}
