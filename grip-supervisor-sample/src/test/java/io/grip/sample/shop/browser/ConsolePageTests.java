package io.grip.sample.shop.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.Meters;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

/** The console as someone on call sees it: the real shop, its real endpoint, a real browser. */
@BrowserTest
class ConsolePageTests {

    private static final String RETRIES = "#calls tr.selected td[data-label='Retries/s']";
    private static final String STATUS = ".policy form .buttons p";

    private static Browser browser;

    private final RestClient client;
    private final String console;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @Autowired
    private SupervisorRegistry supervisors;

    ConsolePageTests(@LocalServerPort int port) {
        String actuator = "http://localhost:" + port + "/actuator";
        client = RestClient.create("http://localhost:" + port);
        console = actuator + "/supervisorconsole";
    }

    @BeforeAll
    static void start() {
        browser = new Browser();
    }

    @AfterAll
    static void end() {
        browser.close();
    }

    @BeforeEach
    void onAWideScreenByDay() {
        browser.size(1280, 900);
        browser.colors("light");
    }

    @AfterEach
    void whateverWasDoneTheBrowserHadNothingToComplainOf() {
        gateway.heal();
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.script("return window.hacked ?? null")).isNull();
    }

    @Test
    void showsRetriesWithinSecondsOfAFault() {
        look("payment");
        browser.awaitText(RETRIES, "0"::equals);

        gateway.faults("{\"rates\": {\"unavailable\": 1.0}}");
        order();

        browser.awaitText(RETRIES, text -> !text.equals("0"));
        browser.awaitText(".failures tbody", text -> text.contains("ServiceUnavailable"));
        // What was read in the middle of the order has not counted all of them.
        browser.await("all retries").until(() -> figure("Retries") == (int) meters.retries("payment"));
        assertThat(browser.all(".charts canvas")).hasSize(2);
    }

    @Test
    void aPolicyThatIsChangedOnThePageIsInForce() {
        look("payment");
        change("retry.max-attempts", "2");
        browser.awaitText(".words", text -> text.startsWith("2 attempts"));
        browser.awaitText(STATUS, text -> text.contains("1 value differs"));

        browser.find(".policy button[type=submit]").click();

        browser.awaitText(STATUS, text -> text.startsWith("In force since"));
        assertThat(leaf("retry.max-attempts")).containsEntry("value", "2").containsEntry("origin", "live change");
        assertThat(browser.text("[data-key='retry.max-attempts'] .origin")).startsWith("live change");
        gateway.faults("{\"rates\": {\"unavailable\": 1.0}}");
        long attempts = meters.attempts("payment", "failure");
        order();
        assertThat(meters.attempts("payment", "failure") - attempts).isEqualTo(2);

        change("retry.max-attempts", "4");
        browser.find(".policy button[type=submit]").click();
        browser.await("the old value")
                .until(() -> "4".equals(leaf("retry.max-attempts").get("value")));
    }

    /** An answer that was given before the change and comes after it. */
    @Test
    void aChangeIsNotTakenBackByWhatWasReadBeforeIt() {
        look("settlement");
        holdAnAnswer();
        change("retry.max-attempts", "7");
        browser.find(".policy button[type=submit]").click();
        browser.awaitText(STATUS, text -> text.startsWith("In force since"));

        letTheAnswerGo();

        assertThat(browser.text("[data-key='retry.max-attempts'] .origin")).startsWith("live change");
        assertThat(shown("retry.max-attempts")).isEqualTo("7");
    }

    @Test
    void aChangeWhilePausedIsNotTakenBackByWhatWasReadBeforeIt() {
        look("settlement");
        holdAnAnswer();
        browser.find("#pause").click();
        browser.awaitText("#connection-text", "Paused"::equals);
        change("retry.max-attempts", "8");
        browser.find(".policy button[type=submit]").click();
        browser.awaitText(STATUS, text -> text.startsWith("In force since"));

        letTheAnswerGo();

        assertThat(browser.text("[data-key='retry.max-attempts'] .origin")).startsWith("live change");
        assertThat(shown("retry.max-attempts")).isEqualTo("8");
    }

    @Test
    void aBackoffOfAnotherKindIsChangedAsAWhole() {
        look("rates");
        browser.script(
                "const kind = document.querySelector(\"[data-key='retry.backoff.type'] select\"); kind.value = 'linear';"
                        + "kind.dispatchEvent(new Event('input', {bubbles: true}));");
        change("retry.backoff.initial", "30ms");
        change("retry.backoff.max", "60ms");
        assertThat(browser.all("[data-key='retry.backoff.multiplier']")).noneMatch(WebElement::isDisplayed);

        browser.find(".policy button[type=submit]").click();

        browser.awaitText(STATUS, text -> text.startsWith("In force since"));
        assertThat(supervisors.get("rates").policy().retry().backoff())
                .isEqualTo(BackoffPolicy.linear(Duration.ofMillis(30), Duration.ofMillis(60)));
    }

    @Test
    void aRefusedChangeIsShownWhereItIsWrongAndChangesNothing() {
        look("stock");
        Object before = supervisors.get("stock").policy();
        change("retry.max-attempts", "0");

        browser.find(".policy button[type=submit]").click();

        browser.awaitText("[data-key='retry.max-attempts'] .error", text -> !text.isEmpty());
        browser.awaitText(STATUS, text -> text.startsWith("Refused"));
        assertThat(browser.find("[data-key='retry.max-attempts'] input").getAttribute("aria-invalid"))
                .isEqualTo("true");
        assertThat(supervisors.get("stock").policy()).isEqualTo(before);
        assertThat(browser.complaints()).singleElement().asString().contains("status of 400");
    }

    @Test
    void aChildIsRestartedAfterBeingAskedTwice() {
        browser.open(console);
        int generation = generation("garden/bee");
        browser.find("button[aria-label='Restart garden/bee']").click();
        assertThat(browser.text("#question-text")).isEqualTo("Restart garden/bee?");
        assertThat(generation("garden/bee")).isEqualTo(generation);

        browser.find("#question-yes").click();

        browser.awaitText("#notice", "Asked to restart garden/bee."::equals);
        browser.await("the next incarnation").until(() -> generation("garden/bee") > generation);
        browser.awaitText("[data-path='garden/bee'] .badge", "running"::equals);
    }

    @Test
    void aChildIsStoppedAndStarted() {
        browser.open(console);
        browser.find("button[aria-label='Stop garden/bee']").click();
        browser.find("#question-yes").click();
        browser.awaitText("[data-path='garden/bee'] .badge", "stopped"::equals);
        assertThat(browser.find("button[aria-label='Stop garden/bee']").isEnabled())
                .isFalse();

        browser.find("button[aria-label='Start garden/bee']").click();
        browser.awaitText("[data-path='garden/bee'] .badge", "running"::equals);
    }

    @Test
    void everythingCanBeDoneWithTheKeyboardAlone() {
        browser.open(console);
        browser.find("#calls a[title=settlement]");
        browser.tabTo("#calls a[title=settlement]");
        browser.press(Keys.ENTER);
        browser.awaitText("#detail h2", "settlement"::equals);
        browser.await("the focus on the details")
                .until(() -> browser.script("return document.activeElement.id").equals("detail"));

        browser.tabTo(".title button");
        assertThat(browser.script("return getComputedStyle(document.activeElement).outlineStyle"))
                .isEqualTo("solid");
        browser.press(Keys.ENTER);
        browser.tabTo("#question-yes");
        browser.press(Keys.ENTER);
        browser.awaitText(".title .badge", "draining"::equals);
        browser.await("the focus where it was")
                .until(() ->
                        Boolean.TRUE.equals(browser.script("return document.activeElement.matches('.title button')")));
        browser.press(Keys.SPACE);
        browser.awaitText(".title .badge", "running"::equals);

        browser.tabTo("[data-key='retry.jitter'] input");
        browser.overwrite("0.25");
        browser.press(Keys.ENTER);
        browser.awaitText(STATUS, text -> text.startsWith("In force since"));
        assertThat(supervisors.get("settlement").policy().retry().jitter()).isEqualTo(0.25);

        browser.tabTo("button[aria-label='Restart garden/bee']");
    }

    @Test
    void escapeLeavesThingsAsTheyAre() {
        look("receipt");
        browser.find(".title button").click();
        browser.find("#question-yes");
        browser.press(Keys.ESCAPE);

        browser.await("no question")
                .until(() -> !browser.all("#question").get(0).isDisplayed());
        assertThat(browser.text(".title .badge")).isEqualTo("running");
    }

    @Test
    void namesAndMessagesThatAreMeantIllStayText() {
        String message = TestSubjects.MARKUP + "y".repeat(10_000);
        supervisors.get("receipt").run(context -> {
            throw new IllegalStateException(message);
        });

        look("receipt");
        browser.awaitText(".failures tbody", text -> text.contains(TestSubjects.MARKUP));
        assertThat(linkTexts()).contains(TestSubjects.MARKUP, TestSubjects.ENDLESS);
        browser.awaitText("#trees", text -> text.contains("<b>wasp<b>") && text.contains(TestSubjects.MARKUP));
        assertThat(browser.all("main img, main script, main b")).isEmpty();

        look(TestSubjects.MARKUP);
        browser.awaitText("#detail h2", TestSubjects.MARKUP::equals);
        assertThat(browser.all("main img, main script, main b")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {320, 480, 768, 1120, 1600})
    void nothingIsCutOffHoweverNarrowTheScreen(int width) {
        browser.size(width, 800);
        look("payment");
        browser.find(".drawing svg");

        assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
                .isEqualTo(true);
        assertThat((List<?>) browser.script(
                        "return [...document.querySelectorAll('main button, main input, main select, main td, main dd, main h2')]"
                                + ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
                                + ".filter(r => r.left < 0 || r.right > innerWidth)"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void everyTextStandsOutFromItsGround(String scheme) {
        browser.colors(scheme);
        look("payment");
        browser.find(".drawing svg");

        assertThat((List<?>) browser.script("""
                        const parsed = text => text.match(/[\\d.]+/g).map(Number);
                        const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
                            .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                        const ground = element => {
                          for (let e = element; e; e = e.parentElement) {
                            const color = parsed(getComputedStyle(e).backgroundColor);
                            if (color.length < 4 || color[3] === 1) return color;
                          }
                          throw new Error('no ground');
                        };
                        return [...document.querySelectorAll('body *')]
                            .filter(e => e.checkVisibility() && !e.closest(':disabled, svg, canvas')
                                && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()))
                            .map(e => {
                              const [one, other] = [light(parsed(getComputedStyle(e).color)), light(ground(e))].sort();
                              return [e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 20), (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)];
                            })
                            .filter(([, contrast]) => contrast < 4.5)
                        """)).isEmpty();
        assertThat(browser.script("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(scheme.equals("dark") ? "rgb(20, 24, 27)" : "rgb(245, 246, 247)");
    }

    @Test
    void everyFieldAndButtonHasAName() {
        look("payment");
        browser.find(".drawing svg");

        assertThat((List<?>) browser.script("""
                        return [...document.querySelectorAll('button, input, select, a, [role=img], [role=region]')]
                            .filter(e => e.checkVisibility())
                            .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))
                            .map(e => e.outerHTML)
                        """)).isEmpty();
    }

    @Test
    void loadsNothingFromElsewhere() {
        look("payment");
        browser.find(".charts canvas");

        assertThat(
                        browser.script(
                                "return performance.getEntriesByType('resource').map(e => new URL(e.name).origin).filter(o => o !== location.origin)"))
                .isEqualTo(List.of());
    }

    @Test
    void saysThatItIsNotConnectedAndFindsBack() {
        look("payment");
        browser.await("figures").until(() -> browser.find("body").getAttribute("data-connection"), "live"::equals);

        browser.offline(true);
        browser.awaitText("#connection-text", text -> text.startsWith("Not connected, trying again"));
        browser.awaitText(
                "#stale",
                text -> text.matches("The application cannot be reached\\. The figures below are of [\\d:]+\\."));

        browser.offline(false);
        browser.awaitText("#connection-text", text -> text.startsWith("Live"));
        assertThat(browser.all("#stale")).noneMatch(WebElement::isDisplayed);
        assertThat(browser.complaints()).isNotEmpty().allMatch(line -> line.contains("ERR_INTERNET_DISCONNECTED"));
    }

    /** No time has to pass for this: nothing but a timer makes the page ask of its own accord, and none is left. */
    @Test
    void asksNothingWhileNobodyLooks() {
        look("payment");
        holdItsTimers();

        browser.script("page.hide(true)");
        assertThat(browser.script("return page.timers.size")).isEqualTo(0L);
        assertThat(browser.script("return page.asked")).isEqualTo(0L);

        // Shown, it asks at once; and is hidden again before it has an answer.
        browser.script("page.hide(false); page.askedBefore = page.asked; page.hide(true)");
        assertThat(browser.script("return page.askedBefore > 0")).isEqualTo(true);
        awaitItsAnswers();
        assertThat(browser.script("return page.timers.size")).isEqualTo(0L);
        assertThat(browser.script("return page.asked === page.askedBefore")).isEqualTo(true);

        browser.script("page.hide(false)");
        assertThat(browser.script("return page.asked > page.askedBefore")).isEqualTo(true);
        browser.await("a timer").until(() -> browser.script("return page.timers.size"), Long.valueOf(1)::equals);
    }

    @Test
    void canBePaused() {
        look("payment");
        browser.find("#pause").click();
        browser.awaitText("#connection-text", "Paused"::equals);
        browser.awaitText("#stale", text -> text.startsWith("The figures below are of"));

        browser.find("#pause").click();
        browser.awaitText("#connection-text", text -> text.startsWith("Live"));
    }

    @Test
    void whatIsDoneWhilePausedIsSeenAndReadNoFurther() {
        look("stock");
        holdItsTimers();
        browser.find("#pause").click();
        browser.awaitText("#connection-text", "Paused"::equals);

        browser.find(".title button").click();
        browser.find("#question-yes").click();
        browser.awaitText(".title .badge", "draining"::equals);
        browser.find(".title button").click();
        browser.awaitText(".title .badge", "running"::equals);
        browser.find("#calls a[title=settlement]").click();
        browser.awaitText("#detail h2", "settlement"::equals);

        awaitItsAnswers();
        assertThat(browser.script("return page.timers.size")).isEqualTo(0L);
        assertThat(browser.text("#connection-text")).isEqualTo("Paused");
        long asked = (long) browser.script("return page.asked");
        browser.script("page.hide(true); page.hide(false)");
        assertThat(browser.script("return page.asked")).isEqualTo(asked);
    }

    @ParameterizedTest
    @CsvSource({
        "none, 0ms, 1, 0ms, 0.5",
        "fixed, 250ms, 1, 250ms, 0",
        "linear, 30ms, 1, 100ms, 1",
        "linear, 1s, 1, 1s, 0.25",
        "exponential, 50ms, 2, 400ms, 0.5",
        "exponential, 100ms, 1.5, 10s, 0.1",
        "exponential, 7ms, 1, 9ms, 0.3",
        "exponential, 0ms, 3, 1s, 0.5",
    })
    void thePictureHasTheWaitsThatTheLibraryMakes(
            String type, String initial, double multiplier, String max, double jitter) {
        BackoffPolicy backoff = backoff(type, millis(initial), multiplier, millis(max));
        look("payment");

        List<?> planned = (List<?>) browser.asyncScript(
                """
                const [leaves, done] = arguments;
                import(new URL('supervisorconsole/waits.js', document.baseURI)).then(({ read, plan }) => {
                  const policy = read(key => leaves[key]);
                  done(policy.wrong.length ? policy.wrong : plan(policy, 0.02, 10).attempts.map(a => [a.least, a.most, a.earliest, a.latest]));
                });
                """,
                Map.of(
                        "retry.max-attempts",
                        "10",
                        "retry.jitter",
                        String.valueOf(jitter),
                        "retry.backoff.type",
                        type,
                        "retry.backoff.initial",
                        initial,
                        "retry.backoff.multiplier",
                        String.valueOf(multiplier),
                        "retry.backoff.max",
                        max,
                        "deadline.timeout",
                        "none"));

        assertThat(planned).hasSize(10);
        double earliest = 0;
        double latest = 0;
        for (int retry : IntStream.rangeClosed(1, 9).toArray()) {
            double most = backoff.delay(retry).toNanos() / 1e9;
            double least = most * (1 - jitter);
            earliest += 0.02 + least;
            latest += 0.02 + most;
            assertThat(numbers(planned.get(retry)))
                    .satisfiesExactly(isNear(least), isNear(most), isNear(earliest), isNear(latest));
        }
    }

    @Test
    void thePictureSaysWhichAttemptsTheDeadlineLeavesRoomFor() {
        look("payment");
        change("retry.jitter", "0.5");
        change("retry.backoff.initial", "1s");
        change("retry.backoff.max", "1s");
        change("retry.max-attempts", "6");
        change("deadline.timeout", "3s");

        browser.awaitText(
                ".words",
                text -> text.startsWith(
                        "6 attempts, but only 3 to 6, as chance has it, begin within the deadline of 3 s."));
        browser.find(".policy summary").click();
        assertThat(browser.all(".policy figure tbody tr"))
                .map(row -> row.getAttribute("data-made"))
                .containsExactly("certain", "certain", "certain", "possible", "possible", "possible");
        assertThat(browser.all(".drawing .attempt")).hasSize(6);
        assertThat(browser.all(".drawing .deadline")).hasSize(1);

        change("retry.jitter", "1.5");
        browser.awaitText(".words", text -> text.startsWith("Cannot be drawn: retry.jitter"));
    }

    @ParameterizedTest
    @CsvSource({
        "250, 0.25",
        "250ms, 0.25",
        "2s, 2",
        "1m, 60",
        "2h, 7200",
        "1d, 86400",
        "30us, 0.00003",
        "5ns, 5e-9",
        "PT1.5S, 1.5",
        "PT1M30S, 90",
        "P1DT2H, 93600"
    })
    void durationsAreReadAsConfigurationReadsThem(String written, double seconds) {
        look("payment");

        Object read = browser.asyncScript("""
                const [text, done] = arguments;
                import(new URL('supervisorconsole/waits.js', document.baseURI)).then(({ duration }) => done(duration(text)));
                """, written);

        assertThat(((Number) read).doubleValue()).isCloseTo(seconds, within(1e-12));
    }

    /** Not a test of anything but that it can be done: what to look at when the page has changed. */
    @Test
    void picturesOfThePageAreInTheBuild() throws IOException {
        gateway.faults("{\"rates\": {\"unavailable\": 1.0}}");
        look("payment");
        order();
        browser.awaitText(".failures tbody", text -> text.contains("ServiceUnavailable"));
        browser.picture(Path.of("target", "console", "light.png"));
        browser.colors("dark");
        browser.picture(Path.of("target", "console", "dark.png"));
        browser.size(320, 900);
        browser.picture(Path.of("target", "console", "narrow.png"));

        assertThat(Path.of("target", "console", "narrow.png")).isNotEmptyFile();
    }

    private void look(String supervisor) {
        browser.open(console + "#calls/" + encoded(supervisor));
        browser.find("#detail .title");
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void change(String key, String value) {
        browser.type("[data-key='" + key + "'] input", value);
    }

    private Object shown(String key) {
        return browser.find("[data-key='" + key + "'] input").getDomProperty("value");
    }

    /** Waits until an answer about the supervisor that is looked at has come, and keeps it from the page. */
    private void holdAnAnswer() {
        browser.script("""
                const real = window.fetch;
                let held = false;
                window.fetch = async (address, request) => {
                  const answer = await real(address, request);
                  if (request.method === 'GET' && address.includes('/calls/') && !held) {
                    held = true;
                    const body = await answer.json();
                    answer.json = () => new Promise(go => window.letGo = () => go(body));
                  }
                  return answer;
                };
                """);
        browser.await("an answer that is held")
                .until(() -> browser.script("return window.letGo !== undefined"), Boolean.TRUE::equals);
    }

    private void letTheAnswerGo() {
        browser.asyncScript("""
                const done = arguments[arguments.length - 1];
                window.letGo();
                setTimeout(done);
                """);
    }

    /**
     * From now on the page's timers stand still, its requests are counted, and it can be hidden. Returns between two reads,
     * when the page has set the timer for the next: none is under way, and none has been counted.
     */
    private void holdItsTimers() {
        browser.script("""
                let last = 1e9;
                let hidden = false;
                const page = window.page = {
                  timers: new Map(),
                  asked: 0,
                  unanswered: 0,
                  hide(whether) {
                    hidden = whether;
                    document.dispatchEvent(new Event('visibilitychange'));
                  },
                };
                Object.defineProperty(document, 'hidden', { get: () => hidden });
                const clear = window.clearTimeout;
                window.setTimeout = go => {
                  page.timers.set(++last, go);
                  return last;
                };
                window.clearTimeout = timer => page.timers.delete(timer) || clear(timer);
                const real = window.fetch;
                window.fetch = async (...what) => {
                  page.asked++;
                  page.unanswered++;
                  try {
                    const answer = await real(...what);
                    const body = await answer.text();
                    answer.json = async () => JSON.parse(body);
                    return answer;
                  } finally {
                    page.unanswered--;
                  }
                };
                """);
        browser.await("the end of a read").until(() -> browser.script("""
                if (page.timers.size === 0) {
                  return false;
                }
                page.asked = 0;
                return true;
                """), Boolean.TRUE::equals);
    }

    /** Waits until the page has had all its answers, whole; what it does with them it has done by then, too. */
    private void awaitItsAnswers() {
        browser.await("all answers").until(() -> browser.script("return page.unanswered"), Long.valueOf(0)::equals);
    }

    private int figure(String label) {
        return ((Number) browser.script(
                        "return Number([...document.querySelectorAll('.figures div')].find(d => d.firstChild.textContent === arguments[0]).lastChild.textContent.replaceAll(',', ''))",
                        label))
                .intValue();
    }

    @SuppressWarnings("unchecked")
    private List<String> linkTexts() {
        return (List<String>)
                browser.script("return [...document.querySelectorAll('#calls a')].map(a => a.textContent)");
    }

    private void order() {
        client.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"sku\": \"espresso\", \"quantity\": 1, \"card\": \"tok_visa\"}")
                .exchange((request, answer) -> answer.getStatusCode());
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> leaf(String key) {
        Map<String, Object> payment = get("/actuator/supervisors/calls/payment");
        return (Map<String, Object>) ((Map<String, Object>) payment.get("policy")).get(key);
    }

    private int generation(String path) {
        return ((Number) get("/actuator/supervisors/trees/" + path).get("generation")).intValue();
    }

    private Map<String, Object> get(String path) {
        return client.get().uri(path).retrieve().requiredBody(new ParameterizedTypeReference<>() {});
    }

    private static BackoffPolicy backoff(String type, Duration initial, double multiplier, Duration max) {
        return switch (type) {
            case "none" -> BackoffPolicy.none();
            case "fixed" -> BackoffPolicy.fixed(initial);
            case "linear" -> BackoffPolicy.linear(initial, max);
            default -> BackoffPolicy.exponential(initial, multiplier, max);
        };
    }

    private static Duration millis(String written) {
        return DurationStyle.detectAndParse(written);
    }

    private static List<Double> numbers(Object row) {
        return ((List<?>) row)
                .stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    private static Consumer<Double> isNear(double expected) {
        return number -> assertThat(number).isCloseTo(expected, within(1e-9));
    }
}
