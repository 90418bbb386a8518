package io.grip.supervisor.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.model.Script.Way;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Plays random scripts on the engine and on the model of its rules. {@code -Dgrip.model.scripts=100000} plays more of
 * them, {@code -Dgrip.model.from=5000} begins with another seed, and {@code -Dgrip.model.seed=17} plays that one alone.
 */
class EngineModelTests {

    private static final Long SEED = Long.getLong("grip.model.seed");
    private static final long FROM = SEED != null ? SEED : Long.getLong("grip.model.from", 1);
    private static final long SCRIPTS = SEED != null ? 1 : Long.getLong("grip.model.scripts", 3_000);

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void theEngineDoesWhatTheRulesSay(Way way) {
        for (long seed = FROM; seed < FROM + SCRIPTS; seed++) {
            Script script = Script.of(seed);
            if (way.canPlay(script)) {
                disagreement(script, way).ifPresent(found -> report(script, way));
            }
            if (seed % 100 == 0) {
                // A cancel looks at all supervisors that are not collected yet.
                System.gc();
            }
        }
    }

    /** Scripts in which nothing happens would prove nothing. */
    @Test
    void scriptsGetEverywhere() {
        String all = LongStream.range(1, 1_000)
                .mapToObj(Script::of)
                .flatMap(script -> Stream.of(Way.RUN, Way.ASYNC).map(way -> EngineModel.play(script, way)))
                .map(Transcript::toString)
                .collect(Collectors.joining());
        List<String> everywhere = List.of(
                "onStart",
                "onSuccess",
                "onFailure HANDLER_ERROR",
                "onFailure PANIC",
                "onFailure CONTEXT_CANCELLED",
                "onFailure SHUTDOWN",
                "onFailure REJECTED",
                "onGiveUp REJECTED",
                "onRetry 4",
                "onRestart 5",
                "onEscalate HANDLER_ERROR",
                "onEscalate PANIC",
                "grandparent onEscalate",
                "Cancelled(t",
                "Shutdown(t",
                "Interrupted(t",
                "Deadline(",
                "Timeout(3",
                "Rejected(2",
                "flag true",
                "admissionWait",
                "hookError",
                "attempt TIMEOUT",
                "attempt CANCELLED",
                "attempts=10 ",
                "attempts=0 ");
        assertThat(everywhere).allSatisfy(place -> {
            assertThat(all.split(Pattern.quote(place), -1).length).as(place).isGreaterThan(10);
        });
    }

    /** What the rules say and what the engine did, where that is not the same. */
    private static Optional<String> disagreement(Script script, Way way) {
        String expected = EngineModel.play(script, way).toString();
        String actual;
        try {
            actual = Performance.play(script, way).toString();
        } catch (Throwable thrown) {
            actual = thrown + " at " + List.of(thrown.getStackTrace());
        } finally {
            Thread.interrupted();
        }
        return actual.equals(expected)
                ? Optional.empty()
                : Optional.of("the rules say:\n" + expected + "\nthe engine did:\n" + actual);
    }

    private static void report(Script script, Way way) {
        Script smallest = script;
        for (Optional<Script> smaller = Optional.of(script); smaller.isPresent(); ) {
            smallest = smaller.get();
            smaller = smallest.smaller()
                    .filter(candidate -> disagreement(candidate, way).isPresent())
                    .findFirst();
        }
        throw new AssertionError("play it again with -Dgrip.model.seed=" + script.seed() + "\n" + way + " of "
                + smallest + "\n" + disagreement(smallest, way).orElse("gone when played once more"));
    }
}
