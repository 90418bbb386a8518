package io.grip.supervisor.hook;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Several hooks, one after another. The engine takes them apart and guards each; called as a whole, all run, and the
 * first throwable is thrown once they have.
 */
record HookChain(List<Hooks> parts) implements Hooks {

    static Hooks of(Hooks first, Hooks next) {
        List<Hooks> parts =
                Stream.concat(first.parts().stream(), next.parts().stream()).toList();
        return parts.size() == 1 ? parts.get(0) : new HookChain(parts);
    }

    @Override
    public Interest interest() {
        return parts.stream()
                .map(Hooks::interest)
                .max(Comparator.naturalOrder())
                .orElse(Interest.NOTHING);
    }

    @Override
    public void onStart(Execution execution) {
        each(hooks -> hooks.onStart(execution));
    }

    @Override
    public void onSuccess(Execution execution, Result<?> result) {
        each(hooks -> hooks.onSuccess(execution, result));
    }

    @Override
    public void onFailure(Execution execution, Result<?> result) {
        each(hooks -> hooks.onFailure(execution, result));
    }

    @Override
    public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
        each(hooks -> hooks.onRetry(execution, attempt, delay, cause));
    }

    @Override
    public void onRestart(Execution execution, int restarts, @Nullable Throwable cause) {
        each(hooks -> hooks.onRestart(execution, restarts, cause));
    }

    @Override
    public void onGiveUp(Execution execution, Result<?> result) {
        each(hooks -> hooks.onGiveUp(execution, result));
    }

    @Override
    public void onEscalate(Execution execution, Result<?> result) {
        each(hooks -> hooks.onEscalate(execution, result));
    }

    private void each(Consumer<Hooks> call) {
        call(0, call);
    }

    private void call(int index, Consumer<Hooks> call) {
        if (index < parts.size()) {
            try {
                call.accept(parts.get(index));
            } catch (Throwable first) {
                callAllAfter(index, call);
                throw first;
            }
            call(index + 1, call);
        }
    }

    private void callAllAfter(int index, Consumer<Hooks> call) {
        for (int next = index + 1; next < parts.size(); next++) {
            try {
                call.accept(parts.get(next));
            } catch (Throwable later) {
                // Only one throwable can leave this method, and it is the first: joining them would change an exception
                // that belongs to the user.
            }
        }
    }
}
