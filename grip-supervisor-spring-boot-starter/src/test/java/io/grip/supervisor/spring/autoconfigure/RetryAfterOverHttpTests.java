package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.web.client.RestClient;

/** A real client of Spring's against a real server that says when to come again, with nothing configured for it. */
class RetryAfterOverHttpTests {

    private final AtomicInteger requests = new AtomicInteger();
    private final List<Duration> delays = new CopyOnWriteArrayList<>();
    private volatile String retryAfter = "";
    private HttpServer server;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SupervisorAutoConfiguration.class))
            .withPropertyValues("grip.supervisor.policies.shop.retry.max-attempts=2")
            .withBean(
                    SupervisorCustomizer.class,
                    () -> (name, builder) -> builder.time(ManualTime.selfAdvancing())
                            .addHooks(new Hooks() {
                                @Override
                                public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
                                    delays.add(delay);
                                }
                            }));

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean busy = requests.incrementAndGet() == 1;
            byte[] answer = (busy ? "busy" : "well").getBytes(StandardCharsets.UTF_8);
            if (busy) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            exchange.sendResponseHeaders(busy ? 503 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private void callWith(String header) {
        retryAfter = header;
        String uri = "http://localhost:" + server.getAddress().getPort() + "/";
        runner.run(context -> {
            Supervisor shop = context.getBean(SupervisorRegistry.class).get("shop");
            RestClient client = RestClient.create();
            assertThat(shop.<String>call(of -> client.get().uri(uri).retrieve().body(String.class)))
                    .isEqualTo("well");
        });
        assertThat(requests).hasValue(2);
    }

    @Test
    void waitsAsManySecondsAsTheServerSays() {
        callWith("7");

        assertThat(delays).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void waitsUntilTheDateThatTheServerSays() {
        ZonedDateTime later = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(50);

        callWith(DateTimeFormatter.RFC_1123_DATE_TIME.format(later));

        assertThat(delays)
                .singleElement()
                .satisfies(delay -> assertThat(delay).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(51)));
    }
}
