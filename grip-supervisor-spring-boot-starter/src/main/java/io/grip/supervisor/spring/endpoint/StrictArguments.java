package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.spring.endpoint.RefusedChangeException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Sees a request before Actuator picks what it knows from it: an unknown field is refused instead of ignored, and a body
 * that names the path is refused, for path, query and body come as one map, and what is allowed by path would be changed by
 * body. The fields {@code policy.…} become one map. Stateless.
 */
public final class StrictArguments implements OperationInvokerAdvisor {

    private static final String POLICY = "policy";
    private static final String PATH = "path";
    private static final EndpointId ENDPOINT = EndpointId.of(SupervisorsEndpoint.ID);

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        if (!endpoint.equals(ENDPOINT)) {
            return invoker;
        }
        return type == OperationType.WRITE ? context -> write(context, invoker) : context -> read(context, invoker);
    }

    private static @Nullable Object read(InvocationContext context, OperationInvoker invoker) {
        List<Problem> problems = new ArrayList<>();
        requirePathOfRequest(context.getArguments(), problems);
        Object stacks = context.getArguments().get("stacks");
        if (stacks != null && !Set.of("true", "false").contains(stacks)) {
            problems.add(new Problem("stacks", text(stacks), "Either true or false."));
        }
        return problems.isEmpty() ? invoker.invoke(context) : refused(problems);
    }

    private static @Nullable Object write(InvocationContext context, OperationInvoker invoker) {
        List<Problem> problems = new ArrayList<>();
        requirePathOfRequest(context.getArguments(), problems);
        Map<String, Object> arguments = new LinkedHashMap<>();
        Map<String, String> policy = new TreeMap<>();
        context.getArguments().forEach((field, value) -> {
            if (field.startsWith(POLICY + ".")) {
                putText(policy, field.substring(POLICY.length() + 1), value, problems);
            } else if (field.equals(POLICY) && value instanceof Map<?, ?> nested) {
                nested.forEach((key, leaf) -> putText(policy, String.valueOf(key), leaf, problems));
            } else if (field.equals(POLICY)) {
                problems.add(new Problem(POLICY, text(value), "An object with the values to change is needed."));
            } else if (field.equals("action") && !(value instanceof String)) {
                problems.add(new Problem(field, text(value), "A text is needed."));
            } else if (field.equals("action") || field.equals(PATH)) {
                arguments.put(field, value);
            } else {
                problems.add(new Problem(field, text(value), "There is no such field; known are action and policy."));
            }
        });
        if (problems.isEmpty() && !arguments.containsKey("action")) {
            problems.add(new Problem("action", null, "An action is needed, as in {\"action\": \"drain\"}."));
        }
        if (!problems.isEmpty()) {
            return refused(problems);
        }
        if (!policy.isEmpty()) {
            arguments.put(POLICY, policy);
        }
        SecurityContext security =
                Objects.requireNonNullElse(context.resolveArgument(SecurityContext.class), SecurityContext.NONE);
        return invoker.invoke(new InvocationContext(security, arguments));
    }

    private static void putText(
            Map<String, String> policy, String key, @Nullable Object value, List<Problem> problems) {
        if (value instanceof String text) {
            policy.put(key, text);
        } else {
            problems.add(new Problem(POLICY + "." + key, text(value), "A text or a number is needed."));
        }
    }

    /** Only the path of the request is an array. */
    private static void requirePathOfRequest(Map<String, Object> arguments, List<Problem> problems) {
        if (arguments.containsKey(PATH) && !(arguments.get(PATH) instanceof String[])) {
            problems.add(new Problem(PATH, text(arguments.get(PATH)), "The path stands in the URL alone."));
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : LastFailures.shortened(String.valueOf(value));
    }

    private static WebEndpointResponse<?> refused(List<Problem> problems) {
        return new WebEndpointResponse<>(new Answers.Errors(problems), WebEndpointResponse.STATUS_BAD_REQUEST);
    }
}
