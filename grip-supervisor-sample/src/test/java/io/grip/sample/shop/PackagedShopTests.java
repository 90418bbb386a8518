package io.grip.sample.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shop as a newcomer starts it: the packaged jar in a process of its own, with nothing set but free ports. Runs after
 * {@code package}; under the profile {@code aot} the same with what was prepared ahead of time.
 */
@Tag("packaged")
class PackagedShopTests {

    private static final boolean AOT = Boolean.getBoolean("shop.aot");
    private static final Pattern ORDERS = Pattern.compile("(\\d+) orders \\| +(\\d+) retries .* p50 +(\\d+) ms");
    private static final Pattern PORT = Pattern.compile("takes orders on port (\\d+)");

    @TempDir
    private Path directory;

    private Path output;
    private Process shop;

    @BeforeEach
    void start() throws IOException {
        output = directory.resolve("output");
        shop = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dspring.aot.enabled=" + AOT,
                        "-jar",
                        System.getProperty("shop.jar"),
                        "--server.port=0",
                        "--shop.gateway.port=0",
                        "--shop.warehouse.port=0")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @AfterEach
    void end() {
        shop.destroyForcibly();
    }

    @Test
    void showsANewcomerWhatItDoesAndEndsWhenAsked() throws Exception {
        await("the first orders and the first retry on the console")
                .atMost(Duration.ofMinutes(3))
                .until(() -> lastLine(2) > 0);

        int port = Integer.parseInt(first(PORT).group(1));
        assertThat(first(ORDERS).group(1)).isNotEqualTo("0");
        assertThat(get(port, "/actuator/metrics/grip.supervisor.retries")).contains("\"COUNT\"");
        assertThat(get(port, "/actuator/prometheus")).contains("grip_supervisor_retries_total{");
        assertThat(get(port, "/actuator/health")).contains("\"UP\"");
        assertThat(output()).contains(AOT ? "Starting AOT-processed ShopApplication" : "Starting ShopApplication");

        shop.destroy();
        assertThat(shop.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(shop.exitValue()).isEqualTo(128 + 15);
        assertThat(output()).doesNotContain("ERROR", "WARN", "Exception");
    }

    private int lastLine(int group) throws IOException {
        int number = 0;
        for (Matcher line = ORDERS.matcher(output()); line.find(); ) {
            number = Integer.parseInt(line.group(group));
        }
        return number;
    }

    private Matcher first(Pattern pattern) throws IOException {
        Matcher matcher = pattern.matcher(output());
        assertThat(matcher.find()).as(pattern.pattern()).isTrue();
        return matcher;
    }

    private String output() throws IOException {
        return Files.readString(output);
    }

    private static String get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
