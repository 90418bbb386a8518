package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The books of incarnations, kept from the events: what began, how it came out, who was abandoned and reaped. */
final class Outcomes {

    private Outcomes() {}

    /** Every incarnation that has ended has exactly one outcome; abandoned ones are reaped once they have ended. */
    static void assertOneEach(Play play) {
        Map<String, Integer> outcomes = new HashMap<>();
        Map<String, Integer> abandoned = new HashMap<>();
        Map<String, Integer> reaped = new HashMap<>();
        for (TreeEvent event : play.events) {
            if (event instanceof TreeEvent.Failed failed) {
                outcomes.merge(failed.path() + "#" + failed.generation(), 1, Integer::sum);
            } else if (event instanceof TreeEvent.Stopped stopped) {
                outcomes.merge(stopped.path() + "#" + stopped.generation(), 1, Integer::sum);
            } else if (event instanceof TreeEvent.Abandoned left) {
                abandoned.merge(left.path() + "#" + left.generation(), 1, Integer::sum);
            } else if (event instanceof TreeEvent.Reaped ended) {
                reaped.merge(ended.path() + "#" + ended.generation(), 1, Integer::sum);
            }
        }
        for (Play.Actor actor : List.copyOf(play.cast)) {
            String name = actor.toString();
            boolean left = abandoned.containsKey(name);
            if (!actor.isAlive() || left) {
                assertThat(outcomes).as("outcomes of " + name).containsEntry(name, 1);
            }
            assertThat(reaped.getOrDefault(name, 0))
                    .as("times that " + name + " was reaped")
                    .isEqualTo(left && !actor.isAlive() ? 1 : 0);
        }
    }
}
