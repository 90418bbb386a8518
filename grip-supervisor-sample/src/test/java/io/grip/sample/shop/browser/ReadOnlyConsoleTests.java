package io.grip.sample.shop.browser;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.WebElement;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** The console of an application that does not permit changes, which is the default. */
@BrowserTest
@TestPropertySource(properties = "management.endpoint.supervisors.access=read-only")
class ReadOnlyConsoleTests {

    @Test
    void whatIsNotPermittedCannotBeDoneAndSaysWhy(@LocalServerPort int port) {
        try (Browser browser = new Browser()) {
            browser.open("http://localhost:" + port + "/actuator/supervisorconsole#calls/payment");

            browser.awaitText(
                    ".policy form .buttons p",
                    text -> text.startsWith("Read-only: management.endpoint.supervisors.access"));
            assertThat(browser.find(".title button").isEnabled()).isFalse();
            assertThat(browser.text("#drain-reason")).startsWith("Read-only");
            assertThat(browser.find(".policy button[type=submit]").isEnabled()).isFalse();
            assertThat(browser.find("[data-key='retry.max-attempts'] input").getAttribute("readonly"))
                    .isNotNull();
            assertThat(browser.all(".leaf select")).isNotEmpty().noneMatch(WebElement::isEnabled);
            browser.awaitText("#trees", text -> text.contains("Read-only"));
            assertThat(browser.all("#trees button")).isNotEmpty().noneMatch(WebElement::isEnabled);
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
