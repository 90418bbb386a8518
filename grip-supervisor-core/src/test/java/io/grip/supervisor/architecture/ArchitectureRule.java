package io.grip.supervisor.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * What the core's packages may do, each rule for any root package: for the core's own, and for the root of a planted
 * violation, which is {@code planted} and the rule's name in lower case without underscores.
 */
enum ArchitectureRule {
    ARROWS_POINT_DOWN(root -> new PackageTable(root).arrowsPointDown()),
    NO_PACKAGE_CYCLES(
            root -> slices().assignedFrom(oneSlicePerPackage()).should().beFreeOfCycles()),
    HIDDEN_TYPES_STAY_HIDDEN(root -> classes().should(new ShowNoHiddenType(new PackageTable(root)))),
    JDK_AND_ANNOTATIONS_ONLY(root ->
            classes().should().onlyDependOnClassesThat().resideInAnyPackage("java..", "org.jspecify..", root + "..")),
    NULL_MARKED_PACKAGES(root -> classes()
            .should(ArchCondition.from(describe(
                    "be in a package that is itself @NullMarked",
                    type -> type.getPackage().isAnnotatedWith(NullMarked.class.getName()))))),
    NO_WALL_CLOCK(root ->
            noClasses().should().accessTargetWhere(calls("the wall clock", ArchitectureRule::readsTheWallClock))),
    MONOTONIC_CLOCK_ONLY_IN_TIME(root -> outside(root, "time")
            .accessTargetWhere(calls("the monotonic clock", target -> is(target, System.class, "nanoTime")))),
    SLEEP_ONLY_IN_TIME(root -> outside(root, "time").accessTargetWhere(calls("sleep", ArchitectureRule::sleeps))),
    PARK_ONLY_IN_TIME_AND_THREAD(
            root -> outside(root, "time", "thread").accessTargetWhere(calls("park", ArchitectureRule::parks))),
    TIMED_WAITS_ONLY_IN_TIME_AND_THREAD(root -> outside(root, "time", "thread")
            .accessTargetWhere(calls("a wait that the JDK's own clock ends", ArchitectureRule::waitsByTheJdksClock))),
    THREADS_ONLY_FROM_TIME_AND_THREAD(root -> outside(root, "time", "thread")
            .accessTargetWhere(calls("what creates or starts a thread", ArchitectureRule::createsAThread)));

    private static final List<Class<?>> THREAD_OWNERS =
            List.of(ThreadPoolExecutor.class, ScheduledThreadPoolExecutor.class, ForkJoinPool.class, Timer.class);

    private static final Set<String> THREAD_STARTERS = Set.of("start", "startVirtualThread", "ofVirtual", "ofPlatform");

    private static final Set<String> HIDDEN_TIMERS = Set.of("orTimeout", "completeOnTimeout", "delayedExecutor");

    private final Function<String, ArchRule> ruleByRoot;

    ArchitectureRule(Function<String, ArchRule> ruleByRoot) {
        this.ruleByRoot = ruleByRoot;
    }

    ArchRule under(String root) {
        return ruleByRoot.apply(root);
    }

    private static ClassesShould outside(String root, String... packages) {
        String[] names = Stream.of(packages).map(name -> root + "." + name).toArray(String[]::new);
        return noClasses().that().resideOutsideOfPackages(names).should();
    }

    private static SliceAssignment oneSlicePerPackage() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                return SliceIdentifier.of(javaClass.getPackageName());
            }

            @Override
            public String getDescription() {
                return "packages";
            }
        };
    }

    /** Method references count as calls. */
    private static DescribedPredicate<JavaAccess<?>> calls(String what, Predicate<CodeUnitAccessTarget> target) {
        return describe(
                what, access -> access.getTarget() instanceof CodeUnitAccessTarget codeUnit && target.test(codeUnit));
    }

    private static boolean readsTheWallClock(CodeUnitAccessTarget target) {
        JavaClass owner = target.getOwner();
        return is(target, System.class, "currentTimeMillis")
                || owner.getPackageName().startsWith("java.time")
                        && target.getName().equals("now")
                || owner.isEquivalentTo(Clock.class)
                        && (target.getName().startsWith("system")
                                || target.getName().startsWith("tick"))
                || isConstructorOf(target, Date.class)
                        && target.getRawParameterTypes().isEmpty();
    }

    private static boolean sleeps(CodeUnitAccessTarget target) {
        return target.getName().equals("sleep")
                && (target.getOwner().isAssignableTo(Thread.class)
                        || target.getOwner().isAssignableTo(TimeUnit.class));
    }

    private static boolean parks(CodeUnitAccessTarget target) {
        return target.getOwner().isEquivalentTo(LockSupport.class)
                && target.getName().startsWith("park");
    }

    private static boolean waitsByTheJdksClock(CodeUnitAccessTarget target) {
        List<String> parameters =
                target.getRawParameterTypes().stream().map(HasName::getName).toList();
        if (parameters.isEmpty()) {
            return false;
        }
        JavaClass owner = target.getOwner();
        return target.getName().equals("wait") && parameters.get(0).equals("long")
                || target.getName().equals("join") && owner.isAssignableTo(Thread.class)
                || Set.of("timedJoin", "timedWait").contains(target.getName()) && owner.isAssignableTo(TimeUnit.class)
                || owner.isAssignableTo(CompletableFuture.class) && HIDDEN_TIMERS.contains(target.getName())
                || owner.getPackageName().startsWith("java.util.concurrent")
                        && !owner.isAssignableTo(TimeUnit.class)
                        && parameters.contains(TimeUnit.class.getName());
    }

    private static boolean createsAThread(CodeUnitAccessTarget target) {
        boolean ofThread = target.getOwner().isAssignableTo(Thread.class);
        return ofThread && (isConstructor(target) || THREAD_STARTERS.contains(target.getName()))
                || target.getOwner().isEquivalentTo(Executors.class)
                        && target.getName().startsWith("new")
                || THREAD_OWNERS.stream().anyMatch(type -> isConstructorOf(target, type));
    }

    private static boolean is(CodeUnitAccessTarget target, Class<?> owner, String name) {
        return target.getOwner().isEquivalentTo(owner) && target.getName().equals(name);
    }

    private static boolean isConstructorOf(CodeUnitAccessTarget target, Class<?> type) {
        return target.getOwner().isAssignableTo(type) && isConstructor(target);
    }

    private static boolean isConstructor(CodeUnitAccessTarget target) {
        return target.getName().equals("<init>");
    }
}
