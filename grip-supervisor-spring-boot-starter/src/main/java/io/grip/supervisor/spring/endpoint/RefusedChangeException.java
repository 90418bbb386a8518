package io.grip.supervisor.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A change that cannot be made as it was asked for; nothing was changed. Immutable. */
public final class RefusedChangeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /** With all that is wrong. */
    public RefusedChangeException(List<Problem> problems) {
        super(problems.stream().map(Problem::message).collect(Collectors.joining(" ")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong. */
    public List<Problem> problems() {
        return problems;
    }

    /**
     * One thing that is wrong.
     *
     * @param field of the body or of the policy; null if it is none in particular
     * @param value what was asked for, shortened
     * @param message why that cannot be, in a sentence
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Problem(@Nullable String field, @Nullable String value, String message) {}
}
