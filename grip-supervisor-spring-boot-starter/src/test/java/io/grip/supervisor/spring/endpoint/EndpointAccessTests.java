package io.grip.supervisor.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorsEndpointAutoConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Who may do what: nothing is there unless it is exposed, and nothing can be written unless that is permitted. */
class EndpointAccessTests {

    private final WebApplicationContextRunner web = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorAutoConfiguration.class, SupervisorsEndpointAutoConfiguration.class))
            .withPropertyValues("grip.supervisor.policies.payment.retry.max-attempts=2");

    @Configuration
    @EnableAutoConfiguration
    static class Application {}

    @Test
    void isNotThereUnlessItIsExposed() {
        web.run(context ->
                assertThat(context).doesNotHaveBean(SupervisorsEndpoint.class).doesNotHaveBean(ObservedCalls.class));
    }

    @Test
    void isThereWhereItIsExposed() {
        web.withPropertyValues("management.endpoints.web.exposure.include=supervisors")
                .run(context -> assertThat(context).hasSingleBean(SupervisorsEndpoint.class));
    }

    @Test
    void isNotThereWhereAccessIsNone() {
        web.withPropertyValues(
                        "management.endpoints.web.exposure.include=*", "management.endpoint.supervisors.access=NONE")
                .run(context -> assertThat(context).doesNotHaveBean(SupervisorsEndpoint.class));
    }

    /** Boot asks this file before it loads any class, so that one whose annotations are missing is never looked at. */
    @Test
    void isPassedOverWithoutActuator() throws IOException {
        Properties metadata = PropertiesLoaderUtils.loadAllProperties(
                "META-INF/spring-autoconfigure-metadata.properties", getClass().getClassLoader());

        assertThat(metadata.getProperty(SupervisorsEndpointAutoConfiguration.class.getName() + ".ConditionalOnClass"))
                .isEqualTo(ConditionalOnAvailableEndpoint.class.getName());
        new ApplicationContextRunner()
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .withConfiguration(AutoConfigurations.of(SupervisorAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void nothingIsAmissWithoutMicrometer() {
        web.withClassLoader(new FilteredClassLoader("io.micrometer"))
                .withPropertyValues("management.endpoints.web.exposure.include=supervisors")
                .run(context -> assertThat(context).hasSingleBean(SupervisorsEndpoint.class));
    }

    @Test
    void isReadOnlyAndBootShowsHealthAloneUnlessToldOtherwise() throws Exception {
        assertThat(status("GET", "")).as("not exposed").isEqualTo(404);
        String exposed = "--management.endpoints.web.exposure.include=supervisors";
        assertThat(status("GET", "/calls/payment", exposed)).isEqualTo(200);
        assertThat(status("POST", "/calls/payment", exposed))
                .as("not permitted")
                .isEqualTo(405);
    }

    private static int status(String method, String path, String... arguments)
            throws IOException, InterruptedException {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[0] = "--server.port=0";
        all[1] = "--grip.supervisor.policies.payment.retry.max-attempts=2";
        try (ConfigurableApplicationContext context = SpringApplication.run(Application.class, all)) {
            String port = context.getEnvironment().getRequiredProperty("local.server.port");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + port + "/actuator/supervisors" + path))
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            method.equals("GET")
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString("{\"action\":\"drain\"}"))
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        }
    }
}
