package io.grip.supervisor.spring.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

class ConsoleFilesTests {

    private static final Path SOURCES = Path.of("src/main/resources/io/grip/supervisor/spring/console");
    private static final Pattern IMPORT = Pattern.compile("from '\\./([^']+)'");

    private final ConsoleFiles files = new ConsoleFiles();

    @Test
    void everyFileThatIsThereCanBeAskedForAndNoOther() throws IOException, URISyntaxException {
        Path directory = Path.of(
                        ConsoleFiles.class.getResource(ConsoleFiles.PAGE).toURI())
                .getParent();
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".class")))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(Stream.of(ConsoleFiles.PAGE), ConsoleFiles.NAMES.stream())
                                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "index.html", "../ConsoleFiles.class", "ConsoleFiles.class", "CONSOLE.JS", "console.js/"})
    void noOtherNameLeadsAnywhere(String name) {
        assertThat(files.named(name)).isNull();
    }

    @Test
    void whatAScriptImportsIsServed() {
        for (String name : ConsoleFiles.NAMES) {
            Matcher imported = IMPORT.matcher(text(name));
            while (imported.find()) {
                assertThat(ConsoleFiles.NAMES).as(name).contains(imported.group(1));
            }
        }
    }

    @Test
    void thePageHasNoScriptNoStyleAndNoAddressOfElsewhere() {
        String page =
                new String(files.page("/actuator/supervisorconsole", "/actuator/supervisors"), StandardCharsets.UTF_8);

        assertThat(page)
                .doesNotContainPattern("<style|style=|\\son[a-z]+=|<script(?! type=\"module\" src=)|https?:|=\"/");
    }

    @Test
    void noScriptOfOursMakesMarkupOfText() throws IOException {
        try (Stream<Path> scripts =
                Files.list(SOURCES).filter(file -> file.toString().endsWith(".js"))) {
            assertThat(scripts)
                    .isNotEmpty()
                    .allSatisfy(
                            script -> assertThat(Files.readString(script))
                                    .doesNotContainPattern(
                                            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|\\beval\\b|new Function|setAttribute\\('style'"));
        }
    }

    @Test
    void theLicenceOfTheChartsIsKeptWithThem() {
        assertThat(text("uPlot.LICENSE.txt")).contains("MIT License", "Leon Sorokin");
    }

    @ParameterizedTest
    @CsvSource({
        "/actuator/supervisorconsole, /actuator/supervisors, supervisors",
        "/supervisorconsole, /supervisors, supervisors",
        "/manage/ops/supervisorconsole, /manage/ops/supervisors, supervisors",
        "/actuator/ops/console, /actuator/supervisors, ../supervisors",
        "/actuator/console, /actuator/ops/supervisors, ops/supervisors",
        "/actuator/supervisorconsole, /actuator/supervisorconsole-data, supervisorconsole-data"
    })
    void thePageFindsTheEndpointRelativeToItself(String console, String supervisors, String relative) {
        assertThat(ConsoleFiles.relative(console, supervisors)).isEqualTo(relative);
        assertThat(page(console, supervisors)).contains("content=\"" + relative + "\"");
    }

    @Test
    void thePageFindsItsFilesUnderTheNameItWasGiven() {
        assertThat(page("/actuator/watch", "/actuator/supervisors"))
                .contains("src=\"watch/console.js\"", "href=\"watch/console.css\"")
                .doesNotContain("@files@", "@endpoint@");
    }

    @Test
    void aNameWithMarkupStaysText() {
        assertThat(page("/actuator/a\"><script>", "/actuator/b\"><script>")).doesNotContain("\"><script>");
    }

    @Test
    void aPageWithoutEndpointSaysSo() {
        assertThat(new String(files.page("/actuator/supervisorconsole", null), StandardCharsets.UTF_8))
                .contains("name=\"grip-endpoint\" content=\"\"");
    }

    @Test
    void everyFileIsInANativeImage() {
        RuntimeHints hints = new RuntimeHints();
        new ConsoleHints().registerHints(hints, null);

        List<String> all = Stream.concat(Stream.of(ConsoleFiles.PAGE), ConsoleFiles.NAMES.stream())
                .toList();
        assertThat(all)
                .allMatch(name -> RuntimeHintsPredicates.resource()
                        .forResource("io/grip/supervisor/spring/console/" + name)
                        .test(hints));
    }

    private String page(String console, String supervisors) {
        return new String(files.page(console, supervisors), StandardCharsets.UTF_8);
    }

    private String text(String name) {
        return new String(files.named(name).content(), StandardCharsets.UTF_8);
    }
}
