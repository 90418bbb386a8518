package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.env.StandardEnvironment;

/** What an IDE is told about our keys: read from the file that is packaged. */
class ConfigurationMetadataTests {

    private final Map<String, Object> metadata = metadata();

    @Test
    void everyKeyIsDescribedInOneSentenceOrMore() {
        assertThat(rows("properties"))
                .isNotEmpty()
                .allSatisfy((name, row) ->
                        assertThat(row.get("description")).as(name).asString().matches("[A-Z].*\\."));
    }

    @Test
    void everyComponentOfTheRecordHasARowAndNoRowIsLeftOver() {
        List<String> expected = new ArrayList<>(KnownKeys.leavesOf(GripSupervisorProperties.class));

        assertThat(rows("properties").keySet().stream().filter(name -> name.startsWith("grip.supervisor.")))
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map("grip.supervisor."::concat).toList());
    }

    @Test
    void theDefaultsThatAreShownAreTheDefaultsThatHold() {
        Map<String, Object> shown = rows("properties").entrySet().stream()
                .filter(row -> row.getKey().startsWith("grip.supervisor.defaults."))
                .filter(row -> row.getValue().containsKey("defaultValue"))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, row -> row.getValue().get("defaultValue")));

        assertThat(shown)
                .hasSize(KnownKeys.leavesOf(GripSupervisorProperties.Policy.class)
                                .size()
                        - 2);
        assertThat(policy(shown)).isEqualTo(policy(Map.of()));
    }

    @Test
    void wordsAndClassesAndNamesAreCompleted() {
        Map<String, Map<String, Object>> hints = rows("hints");

        assertThat(hints.get("grip.supervisor.policies.keys")).asString().contains("any");
        assertThat(hints.get("grip.supervisor.defaults.retry.max-attempts"))
                .asString()
                .contains("unlimited");
        assertThat(hints.get("grip.supervisor.defaults.admission.max-concurrency"))
                .asString()
                .contains("unlimited");
        assertThat(Stream.of("timeout", "attempt-timeout"))
                .allSatisfy(key -> assertThat(hints.get("grip.supervisor.defaults.deadline." + key))
                        .asString()
                        .contains("none"));
        assertThat(Stream.of("retry-on", "never-on"))
                .allSatisfy(key -> assertThat(hints.get("grip.supervisor.defaults.retry." + key))
                        .asString()
                        .contains("class-reference")
                        .contains("java.lang.Throwable"));
    }

    @Test
    void everyHintBelongsToAKeyThatExists() {
        assertThat(rows("hints").keySet())
                .allSatisfy(name -> assertThat(rows("properties")).containsKey(name.replaceAll("\\.keys$", "")));
    }

    @Test
    void enumsAreTypedSoThatTheirConstantsAreCompleted() {
        assertThat(Map.of(
                        "grip.supervisor.checks", "StartupChecks",
                        "grip.supervisor.defaults.thread", "AttemptThread",
                        "grip.supervisor.defaults.restart.mode", "RestartPolicy",
                        "grip.supervisor.defaults.retry.backoff.type", "BackoffType"))
                .allSatisfy(
                        (name, type) -> assertThat(rows("properties").get(name).get("type"))
                                .asString()
                                .endsWith(type));
    }

    @Test
    void everyKeyStandsInTheDocumentation() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));

        assertThat(KnownKeys.leavesOf(GripSupervisorProperties.Policy.class))
                .map(key -> key.replaceAll("backoff\\..*", "backoff"))
                .allMatch(key -> page.contains("| `" + key + "` |"));
        assertThat(KnownKeys.keysOf(GripSupervisorProperties.Backoff.class).keySet())
                .allMatch(key -> page.contains("`" + key + "`") || page.contains("`backoff." + key + "`"));
        assertThat(KnownKeys.keysOf(GripSupervisorProperties.class).keySet())
                .allMatch(key -> page.contains("| `" + key + "` |")
                        || page.contains("| `" + key + ".<name>` |")
                        || page.contains("| `" + key + ".enabled` |"));
    }

    private static ConfiguredPolicy policy(Map<String, Object> values) {
        GripSupervisorProperties properties = new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate(GripSupervisorProperties.PREFIX, Bindable.of(GripSupervisorProperties.class));
        return new ConfiguredPolicies(properties, new StandardEnvironment()).get("defaults");
    }

    @SuppressWarnings("unchecked")
    private Map<String, Map<String, Object>> rows(String section) {
        return ((List<Map<String, Object>>) metadata.get(section))
                .stream()
                        .collect(Collectors.toMap(
                                row -> (String) row.get("name"), row -> row, (one, other) -> one, TreeMap::new));
    }

    private static Map<String, Object> metadata() {
        try {
            ClassLoader loader = ConfigurationMetadataTests.class.getClassLoader();
            for (URL file : Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))) {
                String json = new String(file.openStream().readAllBytes());
                if (json.contains("\"grip.supervisor.enabled\"")) {
                    return JsonParserFactory.getJsonParser().parseMap(json);
                }
            }
            throw new IllegalStateException("no metadata of ours on the class path");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
