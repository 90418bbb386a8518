package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.thread.Threads;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What only real threads can show: interrupts, code that ignores them, races at the edges. Every wait is bounded. */
@Timeout(120)
class RealThreadTests {

    private static final Logger LOG = Logger.getLogger("io.grip.supervisor.tree");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Opened at the end of each test: whoever ignored its stop may go. */
    private final CountDownLatch over = new CountDownLatch(1);

    private final List<SupervisionTree> trees = new ArrayList<>();

    @AfterEach
    void nothingIsLeftRunning() {
        over.countDown();
        trees.forEach(tree -> tree.stop(Duration.ofSeconds(5)));
        await().atMost(PATIENCE)
                .until(() -> trees.stream()
                        .allMatch(tree -> tree.snapshot()
                                .all()
                                .allMatch(child -> child.abandoned().isEmpty())));
    }

    private SupervisionTree tree(ChildSpec... children) {
        SupervisionTree.Builder builder = SupervisionTree.builder("real").keepAlive(false);
        List.of(children).forEach(builder::child);
        SupervisionTree tree = builder.build();
        trees.add(tree);
        return tree;
    }

    private static ChildSpec worker(String name, Worker worker) {
        return ChildSpec.of(name, worker)
                .withSettle(Duration.ZERO)
                .withBackoff(BackoffPolicy.fixed(Duration.ofMillis(5)))
                .withStop(Duration.ofMillis(20), Duration.ofSeconds(20));
    }

    /** One that will be given up on: soon, to save time. */
    private static ChildSpec stubborn(String name, Worker worker) {
        return worker(name, worker).withStop(Duration.ofMillis(20), Duration.ofMillis(300));
    }

    private static void untilStopped(WorkerContext context) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        while (!context.stopRequested()) {
            never.await(1, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void runsWorkersAndStopsThem() {
        AtomicInteger ended = new AtomicInteger();
        SupervisionTree tree = tree(
                worker("a", context -> {
                    untilStopped(context);
                    ended.incrementAndGet();
                }),
                worker("b", context -> new CountDownLatch(1).await()));

        tree.start();
        assertThat(tree.snapshot().active()).isEqualTo(2);
        StopReport report = tree.stop();

        assertThat(report.isClean()).isTrue();
        assertThat(ended).hasValue(1);
    }

    @Test
    void restartsAWorkerThatThrowsUntilItStaysUp() {
        AtomicInteger lives = new AtomicInteger();
        CountDownLatch up = new CountDownLatch(1);
        SupervisionTree tree = tree(worker("a", context -> {
                    if (lives.incrementAndGet() < 4) {
                        throw new IllegalStateException("not yet");
                    }
                    up.countDown();
                    untilStopped(context);
                })
                .withFirstStart(FirstStart.RETRY));

        tree.start();

        await().atMost(PATIENCE).until(() -> up.getCount() == 0);
        assertThat(tree.snapshot("a").starts()).isEqualTo(4);
        assertThat(tree.snapshot("a").generation()).isEqualTo(4);
    }

    /** The ways in which a thread does not end. */
    enum Stubbornness {
        SYNCHRONIZED {
            @Override
            void hang(RealThreadTests test) {
                synchronized (test.monitor) {
                    Thread.onSpinWait();
                }
            }
        },
        UNINTERRUPTIBLE_LOCK {
            @Override
            void hang(RealThreadTests test) {
                test.lock.lock();
                test.lock.unlock();
            }
        },
        JOIN_OF_A_FUTURE {
            @Override
            void hang(RealThreadTests test) {
                test.future.join();
            }
        },
        BUSY_LOOP {
            @Override
            void hang(RealThreadTests test) {
                while (test.over.getCount() > 0) {
                    Thread.yield();
                }
            }
        },
        SOCKET_READ {
            @Override
            void hang(RealThreadTests test) throws Exception {
                try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                        Socket here = new Socket(server.getInetAddress(), server.getLocalPort());
                        Socket there = server.accept()) {
                    Threads.start("hangs-up", () -> {
                        try {
                            test.over.await();
                            there.close();
                        } catch (Exception unexpected) {
                            throw new AssertionError(unexpected);
                        }
                    });
                    assertThat(here.getInputStream().read()).isEqualTo(-1);
                }
            }
        },
        SWALLOW_AND_LOOP {
            @Override
            void hang(RealThreadTests test) {
                while (test.over.getCount() > 0) {
                    try {
                        test.over.await();
                    } catch (InterruptedException swallowed) {
                        // The commonest bug there is; here it is the point.
                    }
                }
            }
        };

        abstract void hang(RealThreadTests test) throws Exception;
    }

    private final Object monitor = new Object();
    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<Void> future = new CompletableFuture<>();

    @ParameterizedTest
    @EnumSource(Stubbornness.class)
    @DisplayName(
            "91, 115: a thread that does not end is abandoned after the ladder, listed with its stack, not killed; reaped later")
    void aThreadThatDoesNotEndIsAbandonedAndListed(Stubbornness stubbornness) throws Exception {
        assumeFalse(
                stubbornness == Stubbornness.SOCKET_READ && Threads.haveVirtual(),
                "an interrupt closes the socket that a virtual thread reads from");
        assumeFalse(
                stubbornness == Stubbornness.BUSY_LOOP
                        && Threads.haveVirtual()
                        && Runtime.getRuntime().availableProcessors() == 1,
                "a virtual thread that only ever yields keeps the only carrier to itself");
        CountDownLatch taken = new CountDownLatch(1);
        Thread holder = Threads.start("holder", () -> {
            synchronized (monitor) {
                lock.lock();
                taken.countDown();
                boolean open = false;
                while (!open) {
                    try {
                        open = over.await(1, TimeUnit.SECONDS);
                    } catch (InterruptedException stray) {
                        return;
                    }
                }
                lock.unlock();
                future.complete(null);
            }
        });
        assertThat(taken.await(20, TimeUnit.SECONDS)).isTrue();
        AtomicReference<Thread> worker = new AtomicReference<>();
        SupervisionTree tree = tree(stubborn("stubborn", context -> {
            worker.set(Thread.currentThread());
            stubbornness.hang(this);
        }));
        tree.start();
        // Given up on before it has come so far, it would be listed with another stack.
        await().atMost(PATIENCE).until(() -> hangs(worker.get()));

        StopReport report = tree.stop();

        assertThat(report.leftBehind()).singleElement().satisfies(left -> {
            assertThat(left.path()).isEqualTo("stubborn");
            assertThat(left.abandoned().get(0).stack())
                    .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("hang"));
        });
        over.countDown();
        await().atMost(PATIENCE)
                .until(() -> tree.snapshot("stubborn").abandoned().isEmpty());
        await().atMost(PATIENCE).until(() -> !holder.isAlive());
    }

    private static boolean hangs(Thread thread) {
        return thread != null
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("hang"));
    }

    @Test
    @DisplayName("115: a read of a socket is freed by what the worker registered for a forced stop")
    void aSocketReadIsFreedByAForcedStop() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CountDownLatch connected = new CountDownLatch(1);
            SupervisionTree tree = tree(worker("reader", context -> {
                        try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                            context.onForceStop(socket);
                            connected.countDown();
                            assertThat(socket.getInputStream().read()).isEqualTo(-1);
                        }
                    })
                    .withStop(Duration.ofMillis(20), Duration.ofSeconds(10)));
            tree.start();
            assertThat(connected.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(tree.stop().isClean()).isTrue();
        }
    }

    @Test
    @DisplayName("116: no second incarnation while a hung one lives; once it has ended, the child starts again")
    void noTwoIncarnationsOverlap() {
        AtomicInteger together = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        SupervisionTree tree = tree(stubborn("a", context -> {
                    most.accumulateAndGet(together.incrementAndGet(), Math::max);
                    try {
                        if (context.generation() == 1) {
                            Stubbornness.SWALLOW_AND_LOOP.hang(this);
                        } else {
                            while (!context.stopRequested()) {
                                context.heartbeat();
                                LockSupport.parkNanos(1_000_000);
                            }
                        }
                    } finally {
                        together.decrementAndGet();
                    }
                })
                .withHeartbeat(Duration.ofSeconds(1)));
        tree.start();
        await().atMost(PATIENCE)
                .until(() -> tree.snapshot("a").state() == ChildState.HELD
                        && !tree.snapshot("a").abandoned().isEmpty());

        over.countDown();

        await().atMost(PATIENCE).until(() -> tree.snapshot("a").state() == ChildState.RUNNING);
        assertThat(most).hasValue(1);
    }

    @Test
    @DisplayName("1.6: stop() from a child's own thread asks, does not wait, and reports that child as STOPPING")
    void aWorkerMayStopItsTree() {
        CompletableFuture<StopReport> reported = new CompletableFuture<>();
        CompletableFuture<SupervisionTree> self = new CompletableFuture<>();
        SupervisionTree tree = tree(worker("a", context -> untilStopped(context)), worker("b", context -> {
            StopReport report = self.get().stop();
            await().atMost(PATIENCE).until(context::stopRequested);
            reported.complete(report);
        }));
        tree.start();
        self.complete(tree);

        StopReport report = reported.orTimeout(20, TimeUnit.SECONDS).join();

        assertThat(report.state()).isEqualTo(ChildState.STOPPING);
        assertThat(report.leftBehind())
                .filteredOn(left -> left.path().equals("b"))
                .extracting(StopReport::state)
                .containsExactly(ChildState.STOPPING);
        await().atMost(PATIENCE).until(() -> tree.snapshot().state() == ChildState.STOPPED);
    }

    @Test
    @DisplayName("49: what a worker started and waits for fails the worker")
    void aFailureOfAContinuationIsTheWorkersFailure() {
        IllegalStateException inner = new IllegalStateException("inner");
        SupervisionTree tree = tree(worker(
                        "a",
                        context -> CompletableFuture.runAsync(() -> {
                                    throw inner;
                                })
                                .join())
                .withConsecutiveFailures(0)
                .withFirstStart(FirstStart.RETRY));
        tree.start();

        ChildEnd end = tree.ended("a")
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();

        assertThat(end.cause().orElseThrow()).hasCause(inner);
    }

    @Test
    @DisplayName("124, trap 7: a snapshot does not wait while a child takes its time to start and to stop")
    void aSnapshotDoesNotWait() {
        SupervisionTree tree = tree(worker("slow", context -> over.await()).awaitReady(), worker("b", context -> {}));
        CompletableFuture<Void> started = tree.startAsync().toCompletableFuture();
        await().atMost(PATIENCE).until(() -> tree.snapshot("slow").state() == ChildState.STARTING);
        assertThat(started).isNotDone();
        CompletableFuture<StopReport> stopped = tree.stopAsync().toCompletableFuture();

        await().atMost(PATIENCE).until(() -> tree.snapshot("slow").state() == ChildState.STOPPING || stopped.isDone());
        assertThat(tree.snapshot("b").state()).isIn(ChildState.REGISTERED, ChildState.STOPPED);
    }

    /** Tells on which thread it is asked for its message. */
    private static final class Watched extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Consumer<String> seen;

        Watched(Consumer<String> seen) {
            super("watched");
            this.seen = seen;
        }

        @Override
        public String getMessage() {
            seen.accept("message");
            return super.getMessage();
        }
    }

    private static boolean isUnderOwnership() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(Owner.class.getName())));
    }

    @Test
    @DisplayName("I6: no code of the user's, of whatever kind, runs on the tree's own thread")
    void noCodeOfTheUsersRunsOnTheTreesOwnThread() {
        ExecutorService loop = Executors.newSingleThreadExecutor(body -> Threads.create("owner", body));
        Map<String, Set<String>> threads = new ConcurrentHashMap<>();
        Consumer<String> seen = what -> threads.computeIfAbsent(what, any -> ConcurrentHashMap.newKeySet())
                .add(isUnderOwnership() ? "owner" : Thread.currentThread().getName());
        ChildSpec restarted = worker("restarted", context -> {
                    seen.accept("worker");
                    if (context.generation() == 1) {
                        throw new Watched(seen);
                    }
                    context.onForceStop(() -> seen.accept("onForceStop"));
                    new CountDownLatch(1).await();
                })
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(failures -> {
                    seen.accept("backoff");
                    return Duration.ofMillis(1);
                })
                .withOnStop(() -> seen.accept("onStop"))
                .withClassifier(thrown -> {
                    seen.accept("classifier");
                    return Verdict.RESTART;
                });
        ChildSpec inPlace = worker("in place", context -> {
                    if (context.generation() < 3) {
                        throw new Watched(seen);
                    }
                    untilStopped(context);
                })
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(BackoffPolicy.none())
                .withClassifier(thrown -> {
                    seen.accept("classifier");
                    return Verdict.RESTART;
                });
        CountDownLatch go = new CountDownLatch(1);
        SupervisionTree tree = SupervisionTree.builder("guarded")
                .keepAlive(false)
                .loop(loop)
                .listener(event -> {
                    seen.accept("listener");
                    seen.accept(event.text().isEmpty() ? "" : "listener");
                })
                .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(RestartRules.defaults()
                                .withConsecutiveFailures(0)
                                .withOnGiveUp(OnGiveUp.ESCALATE))
                        .withListener(event -> seen.accept("nested listener"))
                        .withChild(restarted)
                        .withChild(inPlace)
                        .withChild(worker("doomed", context -> {
                                    go.await();
                                    throw new Watched(seen);
                                })
                                .withConsecutiveFailures(0)
                                .withOnGiveUp(OnGiveUp.ESCALATE)))
                .rootAction(RootAction.of(failure -> seen.accept("root action")))
                .build();
        trees.add(tree);
        tree.listen(event -> seen.accept("observer"));
        tree.startAsync().thenRun(() -> seen.accept("stage"));
        tree.ended("s/doomed").thenRun(() -> seen.accept("end"));
        await().atMost(PATIENCE).until(() -> tree.snapshot("s/restarted").starts() == 2);
        await().atMost(PATIENCE).until(() -> tree.snapshot("s/in place").starts() == 3);

        go.countDown();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(threads.keySet())
                        .contains(
                                "worker",
                                "onForceStop",
                                "onStop",
                                "backoff",
                                "classifier",
                                "listener",
                                "nested listener",
                                "observer",
                                "root action",
                                "message",
                                "stage",
                                "end"));
        assertThat(threads.values()).allSatisfy(names -> assertThat(names).doesNotContain("owner"));
        tree.stop();
        loop.shutdown();
    }

    @Test
    @DisplayName("rule 2.5.5: each incarnation has a daemon thread of its own, named after it")
    void eachIncarnationHasADaemonThreadOfItsOwn() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        SupervisionTree tree = tree(worker("a", context -> {
                    threads.add(Thread.currentThread());
                    if (context.generation() < 5) {
                        throw new IllegalStateException("again");
                    }
                    untilStopped(context);
                })
                .withFirstStart(FirstStart.RETRY));
        tree.start();

        await().atMost(PATIENCE).until(() -> threads.size() == 5);

        assertThat(threads).allMatch(Thread::isDaemon);
        assertThat(threads)
                .extracting(Thread::getName)
                .containsExactlyInAnyOrder("real/a#1", "real/a#2", "real/a#3", "real/a#4", "real/a#5");
    }

    /** What an incarnation finds at its begin. */
    private record Found(
            Thread thread, boolean interrupted, String name, ClassLoader loader, int priority, Object handler) {

        static Found now() {
            Thread self = Thread.currentThread();
            return new Found(
                    self,
                    self.isInterrupted(),
                    self.getName(),
                    self.getContextClassLoader(),
                    self.getPriority(),
                    self.getUncaughtExceptionHandler());
        }
    }

    @Test
    @DisplayName(
            "rule 2.5.5: restarted without delay a child keeps its thread, and finds it as it was in the beginning")
    void theNextIncarnationFindsItsThreadAsTheFirstDid() {
        List<Found> found = new CopyOnWriteArrayList<>();
        SupervisionTree tree = tree(worker("a", context -> {
                    found.add(Found.now());
                    if (context.generation() == 3) {
                        untilStopped(context);
                        return;
                    }
                    Thread self = Thread.currentThread();
                    self.setName("renamed");
                    self.setContextClassLoader(new ClassLoader(null) {});
                    self.setPriority(Thread.MIN_PRIORITY);
                    self.setUncaughtExceptionHandler((thread, thrown) -> {});
                    self.interrupt();
                    throw new IllegalStateException("again");
                })
                .withBackoff(BackoffPolicy.none())
                .withFirstStart(FirstStart.RETRY));
        tree.start();

        await().atMost(PATIENCE).until(() -> found.size() == 3);

        assertThat(found.get(0).name()).isEqualTo("real/a#1");
        assertThat(found.get(0).interrupted()).isFalse();
        assertThat(found.get(1)).isEqualTo(found.get(0));
        assertThat(found.get(2)).isEqualTo(found.get(0));
    }

    private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    @Test
    @DisplayName(
            "a worker's thread has the context class loader of whoever built the tree, and inherits nothing from the"
                    + " thread that happens to start it")
    void aWorkersThreadTakesNothingFromWhoeverStartsIt() {
        ClassLoader ofTheTree = new ClassLoader(null) {};
        Thread self = Thread.currentThread();
        ClassLoader before = self.getContextClassLoader();
        Map<String, Object> found = new ConcurrentHashMap<>();
        SupervisionTree tree;
        self.setContextClassLoader(ofTheTree);
        try {
            tree = SupervisionTree.builder("bare")
                    .keepAlive(false)
                    .loop(Runnable::run)
                    .child(worker("a", context -> {
                        found.put("loader", Thread.currentThread().getContextClassLoader());
                        found.put("local", String.valueOf(INHERITED.get()));
                        untilStopped(context);
                    }))
                    .build();
            trees.add(tree);
        } finally {
            self.setContextClassLoader(before);
        }
        INHERITED.set("of whoever starts the tree");
        try {
            tree.start();
        } finally {
            INHERITED.remove();
        }

        await().atMost(PATIENCE).until(() -> found.size() == 2);
        assertThat(found).containsEntry("loader", ofTheTree).containsEntry("local", "null");
    }

    @Test
    @DisplayName(
            "I4, rule 2.5.5: stops that interrupt at once race with restarts in place: no incarnation sees another's"
                    + " interrupt, and none begins after a stop")
    void aStopReachesNoOtherIncarnation() {
        AtomicInteger strays = new AtomicInteger();
        AtomicInteger lives = new AtomicInteger();
        ChildSpec restless = worker("a", context -> {
                    lives.incrementAndGet();
                    for (int i = 0; i < 50; i++) {
                        Thread.onSpinWait();
                    }
                    if (Thread.currentThread().isInterrupted() && !context.stopRequested()) {
                        strays.incrementAndGet();
                    }
                    throw new IllegalStateException("again");
                })
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(BackoffPolicy.none())
                .withConsecutiveFailures(RestartRules.UNLIMITED)
                .withStop(Duration.ZERO, Duration.ofSeconds(20));
        SupervisionTree tree = restlessTree(restless);
        tree.start();

        for (int round = 0; round < 100; round++) {
            int enough = lives.get() + round % 10;
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> lives.get() > enough);
            tree.stopChild("a")
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
            int atTheStop = lives.get();
            assertThat(tree.snapshot("a").state()).isEqualTo(ChildState.STOPPED);
            Thread.yield();
            assertThat(lives).hasValue(atTheStop);
            tree.restartChild("a");
        }

        assertThat(strays).hasValue(0);
    }

    private SupervisionTree restlessTree(ChildSpec... children) {
        SupervisionTree.Builder builder =
                SupervisionTree.builder("restless").keepAlive(false).limits(TreeLimits.unlimited());
        List.of(children).forEach(builder::child);
        SupervisionTree tree = builder.build();
        trees.add(tree);
        return tree;
    }

    @Test
    @DisplayName("2.8.5: many that fail as soon as they start tell of it all at once: each has its turn, and all stop")
    void ofManyThatNeverStopFailingEachHasItsTurn() {
        AtomicInteger[] lives = new AtomicInteger[200];
        ChildSpec[] children = new ChildSpec[lives.length];
        for (int i = 0; i < lives.length; i++) {
            AtomicInteger mine = new AtomicInteger();
            lives[i] = mine;
            children[i] = worker("c" + i, context -> {
                        mine.incrementAndGet();
                        throw new IllegalStateException("again");
                    })
                    .withFirstStart(FirstStart.RETRY)
                    .withBackoff(BackoffPolicy.none())
                    .withConsecutiveFailures(RestartRules.UNLIMITED);
        }
        SupervisionTree tree = restlessTree(children);
        tree.start();

        await().atMost(PATIENCE).until(() -> List.of(lives).stream().allMatch(each -> each.get() > 1_000));

        assertThat(tree.stop().isClean()).isTrue();
        long begun = List.of(lives).stream().mapToLong(AtomicInteger::get).sum();
        assertThat(tree.snapshot().children().stream()
                        .mapToLong(ChildSnapshot::starts)
                        .sum())
                .isEqualTo(begun);
    }

    @Test
    @DisplayName(
            "2.8.5: while many never stop failing, the tree answers, and threads of others run, virtual ones started"
                    + " from elsewhere too")
    void thoseThatNeverStopFailingLetOthersRun() throws Exception {
        ChildSpec[] children = new ChildSpec[2_000];
        for (int i = 0; i < children.length; i++) {
            children[i] = restless("c" + i, context -> {
                throw new IllegalStateException("again");
            });
        }
        SupervisionTree tree = restlessTree(Threads.haveVirtual() ? children : Arrays.copyOf(children, 200));
        tree.start();

        for (int i = 0; i < 100; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            tree.ended("nobody").whenComplete((never, refused) -> Threads.start("from elsewhere", ran::countDown));
            assertThat(ran.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @DisplayName("2.3.2: an intensity is exact, however many fail at once, and however many beside them that have none")
    void anIntensityIsExact() {
        int allowed = 5_000;
        AtomicInteger lives = new AtomicInteger();
        SupervisorSpec limited = SupervisorSpec.of("limited", RestartStrategy.ONE_FOR_ONE)
                .withRestart(RestartRules.defaults().withPolicy(RestartPolicy.NEVER))
                .withIntensity(new RestartIntensity(allowed, Duration.ofHours(1)));
        SupervisionTree.Builder builder =
                SupervisionTree.builder("limited").keepAlive(false).limits(TreeLimits.unlimited());
        CountDownLatch allAreUp = new CountDownLatch(1);
        for (int i = 0; i < 8; i++) {
            limited = limited.withChild(restless("l" + i, context -> {
                allAreUp.await();
                lives.incrementAndGet();
                throw new IllegalStateException("again");
            }));
            builder.child(restless("c" + i, context -> {
                allAreUp.await();
                throw new IllegalStateException("again");
            }));
        }
        SupervisionTree tree = builder.supervisor(limited).build();
        trees.add(tree);
        tree.start();
        CompletableFuture<ChildEnd> end = tree.ended("limited").toCompletableFuture();

        allAreUp.countDown();

        assertThat(end.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join().state())
                .isIn(ChildState.STOPPED, ChildState.FAILED);
        // Each failure is followed by a life but the one that is too many, and those that come after it.
        assertThat(lives.get()).isBetween(allowed + 1, allowed + 8);
    }

    private static ChildSpec restless(String name, Worker worker) {
        return worker(name, worker)
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(BackoffPolicy.none())
                .withConsecutiveFailures(RestartRules.UNLIMITED);
    }

    @Test
    @DisplayName(
            "rule 2.2.5: while a listener hangs, its tree restarts, answers and stops, and another tree's listener is told")
    void aListenerThatHangsHoldsUpNoTree() {
        TreeLimits limits = TreeLimits.defaults();
        CountDownLatch hangs = new CountDownLatch(1);
        SupervisionTree.Builder builder = SupervisionTree.builder("hung")
                .keepAlive(false)
                .limits(limits)
                .listener(event -> {
                    hangs.countDown();
                    try {
                        over.await();
                    } catch (InterruptedException never) {
                        throw new AssertionError(never);
                    }
                });
        SupervisionTree hung = builder.child(worker("a", context -> {
                            if (context.generation() < 3) {
                                throw new IllegalStateException("not yet");
                            }
                            untilStopped(context);
                        })
                        .withFirstStart(FirstStart.RETRY))
                .build();
        trees.add(hung);
        List<TreeEvent> told = new CopyOnWriteArrayList<>();
        SupervisionTree other = SupervisionTree.builder("other")
                .keepAlive(false)
                .limits(limits)
                .listener(told::add)
                .child(worker("b", RealThreadTests::untilStopped))
                .build();
        trees.add(other);

        hung.start();
        await().atMost(PATIENCE).until(() -> hangs.getCount() == 0);
        await().atMost(PATIENCE).until(() -> hung.snapshot("a").starts() == 3);
        other.start();
        await().atMost(PATIENCE).until(() -> told.contains(new TreeEvent.Ready("b", 1)));

        CompletableFuture<ChildEnd> end = hung.ended("a").toCompletableFuture();
        assertThat(hung.stop().isClean()).isTrue();
        assertThat(end.orTimeout(20, TimeUnit.SECONDS).join().state()).isEqualTo(ChildState.STOPPED);
        assertThat(over.getCount()).isEqualTo(1);
    }

    @Test
    @DisplayName("20: of many concurrent starts one succeeds and the others are refused")
    void ofManyStartsOneSucceeds() throws Exception {
        SupervisionTree tree = tree(worker("a", RealThreadTests::untilStopped));
        CyclicBarrier together = new CyclicBarrier(4);
        AtomicInteger succeeded = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Thread> starters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starters.add(Threads.start("starter", () -> {
                try {
                    together.await();
                    tree.start();
                    succeeded.incrementAndGet();
                } catch (ChildOperationException already) {
                    refused.incrementAndGet();
                } catch (Exception other) {
                    throw new AssertionError(other);
                }
            }));
        }
        for (Thread starter : starters) {
            starter.join(20_000);
        }

        assertThat(succeeded).hasValue(1);
        assertThat(refused).hasValue(3);
        assertThat(tree.snapshot("a").starts()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "22: 99 supervisors added while the tree starts and is stopped at once: nothing breaks, nothing is left")
    void manySupervisorsAddedAndStoppedAtOnce() {
        SupervisionTree tree = tree();
        AtomicInteger alive = new AtomicInteger();
        tree.startAsync();
        for (int i = 0; i < 99; i++) {
            tree.add("", SupervisorSpec.of("s" + i, RestartStrategy.ONE_FOR_ONE).withChild(worker("w", context -> {
                alive.incrementAndGet();
                try {
                    untilStopped(context);
                } finally {
                    alive.decrementAndGet();
                }
            })));
        }

        StopReport report = tree.stop();

        assertThat(report.isClean()).isTrue();
        assertThat(alive).hasValue(0);
    }

    @Test
    void anInterruptedStartStopsTheTreeAndKeepsTheFlag() throws Exception {
        SupervisionTree tree = tree(worker("a", context -> over.await()).awaitReady());
        AtomicBoolean flag = new AtomicBoolean();
        Thread starter = Threads.start("starter", () -> {
            assertThatThrownBy(tree::start).isInstanceOf(java.util.concurrent.CancellationException.class);
            flag.set(Thread.currentThread().isInterrupted());
        });
        await().atMost(PATIENCE).until(() -> tree.snapshot("a").state() == ChildState.STARTING);

        starter.interrupt();
        starter.join(20_000);

        assertThat(flag).isTrue();
        await().atMost(PATIENCE).until(() -> tree.snapshot().state() == ChildState.STOPPED);
    }

    @Test
    void anInterruptedStopReportsHowFarItIsAndKeepsTheFlag() {
        SupervisionTree tree = tree(stubborn("a", context -> Stubbornness.SWALLOW_AND_LOOP.hang(this)));
        tree.start();

        Thread.currentThread().interrupt();
        StopReport report = tree.stop();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.isClean()).isFalse();
    }

    @Test
    @DisplayName("rule 2.5.5: a keeper keeps the JVM alive while the tree runs, and no longer")
    void aKeeperLivesAsLongAsTheTreeRuns() {
        SupervisionTree tree = SupervisionTree.builder("kept")
                .child(worker("a", RealThreadTests::untilStopped))
                .build();
        trees.add(tree);
        tree.start();
        Thread keeper = keeperOf("kept");
        assertThat(keeper.isDaemon()).isFalse();

        tree.stop();

        await().atMost(PATIENCE).until(() -> !keeper.isAlive());
    }

    private static Thread keeperOf(String tree) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(tree + "-keeper"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName(
            "rule 2.6.4: the root action runs on a thread of its own and may stop the tree; late, its last resort runs")
    void theRootActionMayStopTheTreeAndHasALastResort() throws Exception {
        CompletableFuture<StopReport> stopped = new CompletableFuture<>();
        CountDownLatch lastResort = new CountDownLatch(1);
        CompletableFuture<SupervisionTree> self = new CompletableFuture<>();
        SupervisionTree tree = SupervisionTree.builder("doomed")
                .keepAlive(false)
                .child(worker("a", context -> {
                            throw new NoClassDefFoundError("gone");
                        })
                        .withFirstStart(FirstStart.RETRY))
                .rootAction(RootAction.of(failure -> {
                            stopped.complete(self.join().stop());
                            try {
                                over.await();
                            } catch (InterruptedException never) {
                                throw new AssertionError(never);
                            }
                        })
                        .orElse(Duration.ofMillis(50), lastResort::countDown))
                .build();
        trees.add(tree);
        self.complete(tree);
        tree.startAsync();

        assertThat(stopped.orTimeout(20, TimeUnit.SECONDS).join().isClean()).isTrue();
        assertThat(lastResort.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(tree.snapshot().state()).isEqualTo(ChildState.FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = RestartStrategy.class,
            names = {"ONE_FOR_ONE", "REST_FOR_ONE"})
    @DisplayName(
            "I1, I4: under crashes, stops and restarts from many threads no two incarnations overlap, none outlives the stop")
    void survivesBeingStressed(RestartStrategy strategy) throws Exception {
        int children = 8;
        AtomicInteger[] together = new AtomicInteger[children];
        AtomicInteger overlaps = new AtomicInteger();
        SupervisionTree.Builder builder = SupervisionTree.builder("stress")
                .keepAlive(false)
                .limits(TreeLimits.unlimited())
                .strategy(strategy);
        for (int i = 0; i < children; i++) {
            AtomicInteger mine = together[i] = new AtomicInteger();
            builder.child(worker("c" + i, context -> {
                        if (mine.incrementAndGet() > 1) {
                            overlaps.incrementAndGet();
                        }
                        try {
                            for (int turn = 0; turn < 200 && !context.stopRequested(); turn++) {
                                LockSupport.parkNanos(10_000);
                            }
                            if (!context.stopRequested()) {
                                throw new IllegalStateException("random crash");
                            }
                        } finally {
                            mine.decrementAndGet();
                        }
                    })
                    .withStop(Duration.ofSeconds(1), Duration.ofSeconds(20))
                    .withBackoff(BackoffPolicy.none())
                    .withRestart(RestartPolicy.ALWAYS)
                    .withFirstStart(FirstStart.RETRY)
                    .withConsecutiveFailures(RestartRules.UNLIMITED));
        }
        SupervisionTree tree = builder.build();
        trees.add(tree);
        tree.start();
        List<Thread> users = new ArrayList<>();
        for (int user = 0; user < 3; user++) {
            int seed = user;
            users.add(Threads.start("user", () -> {
                for (int i = 0; i < 300; i++) {
                    String path = "c" + (i * 7 + seed) % children;
                    tree.stopChild(path).handle((done, refused) -> tree.restartChild(path));
                    tree.snapshot();
                    LockSupport.parkNanos(500_000);
                }
            }));
        }
        for (Thread user : users) {
            user.join(20_000);
        }

        StopReport report = tree.stop();

        assertThat(report.leftBehind()).isEmpty();
        assertThat(report.isClean()).isTrue();
        assertThat(overlaps).hasValue(0);
        assertThat(together).allMatch(each -> each.get() == 0);
    }
}
