package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.console.ConsoleEndpoint;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Applications on a real server, of both kinds, asked as a browser asks them. */
@ExtendWith(OutputCaptureExtension.class)
class ConsoleTests {

    private static final String ASKED_FOR = "grip.supervisor.console.enabled=true";
    private static final String EXPOSED = "management.endpoints.web.exposure.include=supervisorconsole,health";

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void servesThePageAndItsFilesBelowActuatorsPathAndNothingElse(WebApplicationType kind, CapturedOutput output)
            throws Exception {
        try (Application application = new Application(kind, ASKED_FOR, EXPOSED)) {
            HttpResponse<String> page = application.get("/actuator/supervisorconsole");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(output).doesNotContain("console is not served");
            assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
            assertThat(page.body()).contains("<h1>Supervisors</h1>", "src=\"supervisorconsole/console.js\"");
            assertStrict(page);

            HttpResponse<String> script = application.get("/actuator/supervisorconsole/waits.js");
            assertThat(script.statusCode()).isEqualTo(200);
            assertThat(script.headers().firstValue("Content-Type")).hasValue("text/javascript;charset=UTF-8");
            assertThat(script.body()).contains("export function plan");
            assertStrict(script);

            assertThat(application
                            .get("/actuator/supervisorconsole/console.css")
                            .headers()
                            .firstValue("Content-Type"))
                    .hasValue("text/css;charset=UTF-8");
            assertThat(application
                            .get("/actuator/supervisorconsole/uPlot.LICENSE.txt")
                            .body())
                    .contains("MIT License");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void standsOnTheManagementPortWhereThereIsOne(WebApplicationType kind) throws Exception {
        try (Application application = new Application(
                kind, ASKED_FOR, EXPOSED, "management.server.port=0", "management.server.base-path=/ops")) {
            HttpResponse<String> page = application.getManagement("/ops/actuator/supervisorconsole");
            assertThat(page.statusCode()).isEqualTo(200);
            assertStrict(page);
            assertStrict(application.getManagement("/ops/actuator/supervisorconsole/console.js"));
            assertThat(application.get("/actuator/supervisorconsole").statusCode())
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void followsWhateverPathsAreSet(WebApplicationType kind) throws Exception {
        try (Application application = new Application(
                kind,
                ASKED_FOR,
                EXPOSED,
                "server.servlet.context-path=/shop",
                "spring.mvc.servlet.path=/mvc",
                "spring.webflux.base-path=/shop/mvc",
                "management.endpoints.web.base-path=/",
                "management.endpoints.web.path-mapping.supervisorconsole=watch")) {
            HttpResponse<String> page = application.get("/shop/mvc/watch");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("src=\"watch/console.js\"");
            assertStrict(page);
            assertThat(application.get("/shop/mvc/watch/console.js").statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void isNotThereUnlessAskedFor(WebApplicationType kind) throws Exception {
        try (Application application = new Application(kind, "management.endpoints.web.exposure.include=*")) {
            assertThat(application.get("/actuator/supervisorconsole").statusCode())
                    .isEqualTo(404);
            assertThat(application.get("/actuator").body()).doesNotContain("supervisorconsole");
        }
    }

    @Test
    void saysWhyItIsNotThereAlthoughAskedFor(CapturedOutput output) throws Exception {
        try (Application application = new Application(WebApplicationType.SERVLET, ASKED_FOR)) {
            assertThat(application.get("/actuator/supervisorconsole").statusCode())
                    .isEqualTo(404);
            assertThat(output).contains("grip.supervisor.console.enabled is true, but the console is not served");
        }
    }

    @Test
    void canBeForbiddenAsAnyEndpoint() throws Exception {
        try (Application application = new Application(
                WebApplicationType.SERVLET, ASKED_FOR, EXPOSED, "management.endpoint.supervisorconsole.access=none")) {
            assertThat(application.get("/actuator/supervisorconsole").statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void saysThatActuatorIsMissing(CapturedOutput output) {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SupervisorAutoConfiguration.class, SupervisorConsoleAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .withPropertyValues(ASKED_FOR)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(output).contains("Add spring-boot-starter-actuator");
                });
    }

    @Test
    void anApplicationWithoutWebStartsAsEver(CapturedOutput output) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SupervisorAutoConfiguration.class, SupervisorConsoleAutoConfiguration.class))
                .withPropertyValues(ASKED_FOR)
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(ConsoleEndpoint.class);
                    assertThat(output).doesNotContain("console is not served");
                });
    }

    /** What an application built ahead of time does whose properties say otherwise by the time it runs. */
    @Test
    void switchedOffAtRunTimeItAnswersThatThereIsNothing() {
        ConsoleEndpoint off = new ConsoleEndpoint(false, () -> {
            throw new AssertionError("nobody needs to know where it stands");
        });

        assertThat(Stream.of(off.page(), off.file("console.js")))
                .allSatisfy(answer -> assertThat(answer.getStatus()).isEqualTo(404));
    }

    private static void assertStrict(HttpResponse<String> answer) {
        assertThat(answer.headers().allValues("Content-Security-Policy"))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe", "*", "http");
        assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-cache");
    }

    private static final class Application implements AutoCloseable {

        private final ConfigurableApplicationContext context;
        private final HttpClient client = HttpClient.newHttpClient();

        Application(WebApplicationType kind, String... properties) {
            context = new SpringApplicationBuilder(App.class)
                    .web(kind)
                    .properties(
                            "server.port=0",
                            "spring.main.banner-mode=off",
                            "spring.autoconfigure.exclude="
                                    + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
                                    // Both servers are on this class path, and both want to serve a reactive management
                                    // port.
                                    + "org.springframework.boot.tomcat.autoconfigure.actuate.web.server"
                                    + ".TomcatReactiveManagementContextAutoConfiguration")
                    .properties(properties)
                    .run();
        }

        HttpResponse<String> get(String path) throws Exception {
            return send("local.server.port", path, "GET");
        }

        HttpResponse<String> getManagement(String path) throws Exception {
            return send("local.management.port", path, "GET");
        }

        HttpResponse<String> post(String path) throws Exception {
            return send("local.server.port", path, "POST");
        }

        private HttpResponse<String> send(String port, String path, String method) throws Exception {
            URI uri = URI.create("http://localhost:" + context.getEnvironment().getProperty(port) + path);
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            return client.send(request, BodyHandlers.ofString());
        }

        @Override
        public void close() {
            context.close();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}
}
