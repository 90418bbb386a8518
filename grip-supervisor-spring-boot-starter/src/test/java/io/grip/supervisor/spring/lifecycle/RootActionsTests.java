package io.grip.supervisor.spring.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.lifecycle.RootActions.Choice;
import io.grip.supervisor.spring.lifecycle.RootActions.Type;
import io.grip.supervisor.tree.RootAction;
import io.grip.supervisor.tree.RootFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.context.support.GenericApplicationContext;

class RootActionsTests {

    private final GenericApplicationContext context = new GenericApplicationContext();
    private final List<String> exits = new ArrayList<>();

    @Test
    void anExitClosesTheContextFirstAndHasTheChosenCode() {
        context.refresh();
        RootActions actions =
                new RootActions(context, code -> exits.add(code + (context.isActive() ? " open" : " closed")));
        RootAction action = actions.of(new Choice(Type.EXIT, 3, Duration.ofSeconds(30), false));

        action.action().accept(new RootFailure("shop", RootFailure.Reason.ESCALATED, "shipping", null));

        assertThat(exits).containsExactly("3 closed");
        assertThat(actions.failureOf("shop")).isPresent();
        assertThat(action.overdue()).as("no halt was chosen").isEmpty();
    }

    @Test
    void aHaltIsTheLastResortOnlyWhereItWasChosen() {
        RootActions actions = new RootActions(context, code -> exits.add("exit"));

        RootAction halting = actions.of(new Choice(Type.CLOSE_CONTEXT, 1, Duration.ofSeconds(7), true));

        assertThat(halting.overdue()).isPresent();
        assertThat(halting.deadline()).isEqualTo(Duration.ofSeconds(7));
    }
}
