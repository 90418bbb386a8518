package io.grip.supervisor.model;

import java.util.List;

/**
 * What has happened in a script, in words: the story of each execution in order, and what was measured in no order.
 */
record Transcript(List<List<String>> stories, List<String> telemetry) {

    static Transcript of(List<List<String>> stories, List<String> telemetry) {
        return new Transcript(
                stories.stream().map(List::copyOf).toList(),
                telemetry.stream().sorted().toList());
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int story = 0; story < stories.size(); story++) {
            text.append("execution ").append(story).append("\n");
            stories.get(story).forEach(line -> text.append("    ").append(line).append("\n"));
        }
        return text.append("telemetry ").append(telemetry).append("\n").toString();
    }
}
