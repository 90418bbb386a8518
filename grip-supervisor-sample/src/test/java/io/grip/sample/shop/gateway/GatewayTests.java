package io.grip.sample.shop.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.spy;

import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.PortInUseException;

/** The gateway over real sockets. */
class GatewayTests {

    private static final Faults NONE = new Faults(Duration.ZERO, Duration.ofSeconds(7), Map.of(), null);
    private static final String WISH = "{\"order\": \"o-1\", \"amount\": 1990, \"card\": \"tok_visa\"}";

    private final ValidatorFactory validators = Validation.buildDefaultValidatorFactory();
    private final Ledger ledger = new Ledger();
    private final FaultInjector injector = spy(new FaultInjector(new GatewayProperties(0, NONE)));
    private final HttpClient client = HttpClient.newHttpClient();
    private GatewayServer gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayServer(
                new GatewayProperties(0, NONE),
                new GatewayApi(ledger, new Mail(), injector, new FaultsReader(validators.getValidator())));
    }

    @AfterEach
    void stop() {
        gateway.destroy();
        validators.close();
    }

    @Test
    void chargesACardOnceHoweverOftenTheKeyComes() throws Exception {
        HttpResponse<String> first = charge("key-1", WISH);
        HttpResponse<String> second = charge("key-1", WISH);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).contains("\"CHARGED\"");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(ledger.bookings()).hasSize(1);
    }

    @Test
    void chargesACardOnceWhenTheSameKeyComesFromEverywhereAtOnce() {
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 64)
                .mapToObj(it -> client.sendAsync(chargeRequest("key-1", WISH), BodyHandlers.ofString()))
                .toList();

        assertThat(answers).allSatisfy(it -> assertThat(it.join().statusCode()).isEqualTo(200));
        assertThat(ledger.bookings()).hasSize(1);
    }

    @Test
    void chargesAgainForAnotherKey() throws Exception {
        charge("key-1", WISH);
        charge("key-2", WISH);

        assertThat(ledger.bookings()).extracting(Charge::order).containsExactly("o-1", "o-1");
    }

    @Test
    void refusesAKeyThatBelongsToAnotherCharge() throws Exception {
        charge("key-1", WISH);

        assertThat(charge("key-1", WISH.replace("1990", "1")).statusCode()).isEqualTo(422);
        assertThat(ledger.bookings()).hasSize(1);
    }

    @Test
    void declinesTheCardThatIsAlwaysDeclined() throws Exception {
        String wish = WISH.replace("tok_visa", "tok_declined");

        assertThat(charge("key-1", wish).statusCode()).isEqualTo(402);
        assertThat(charge("key-1", wish).statusCode()).isEqualTo(402);
        assertThat(get("/charges/key-1").body()).contains("\"DECLINED\"");
        assertThat(ledger.bookings()).isEmpty();
    }

    @Test
    void saysWhetherAKeyWasCharged() throws Exception {
        assertThat(get("/charges/key-1").statusCode()).isEqualTo(404);

        charge("key-1", WISH);

        assertThat(get("/charges/key-1").body()).contains("\"CHARGED\"");
    }

    @Test
    void acceptsNoChargeForAKeyThatWasClosed() throws Exception {
        assertThat(close("key-1").body()).contains("\"VOID\"");

        assertThat(charge("key-1", WISH).statusCode()).isEqualTo(409);
        assertThat(ledger.bookings()).isEmpty();
    }

    @Test
    void saysChargedWhenAChargedKeyIsClosed() throws Exception {
        charge("key-1", WISH);

        assertThat(close("key-1").body()).contains("\"CHARGED\"");
        assertThat(charge("key-1", WISH).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesAChargeWithoutKeyOrCardOrBody() throws Exception {
        HttpRequest keyless = HttpRequest.newBuilder(uri("/charges"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(WISH))
                .build();

        assertThat(send(keyless).statusCode()).isEqualTo(400);
        assertThat(charge("key-1", "{\"order\": \"o-1\", \"amount\": 1}").statusCode())
                .isEqualTo(400);
        assertThat(charge("key-1", "").statusCode()).isEqualTo(400);
        assertThat(ledger.bookings()).isEmpty();
    }

    @Test
    void mailsAReceiptAndTellsExchangeRates() throws Exception {
        HttpRequest receipt = HttpRequest.newBuilder(uri("/receipts"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "key-1")
                .POST(HttpRequest.BodyPublishers.ofString("{\"order\": \"o-1\", \"amount\": 1990}"))
                .build();

        assertThat(get("/receipts/key-1").statusCode()).isEqualTo(404);
        assertThat(send(receipt).statusCode()).isEqualTo(202);
        assertThat(get("/receipts/key-1").body()).contains("1990");
        assertThat(get("/rates/USD").body()).contains("1.0842");
        assertThat(get("/rates/XXX").statusCode()).isEqualTo(404);
    }

    @Test
    void answers503WithoutCharging() throws Exception {
        always(Fault.UNAVAILABLE);

        assertThat(charge("key-1", WISH).statusCode()).isEqualTo(503);
        assertThat(ledger.bookings()).isEmpty();
    }

    @Test
    void answers429WithRetryAfterWithoutCharging() throws Exception {
        always(Fault.TOO_MANY_REQUESTS);

        HttpResponse<String> answer = charge("key-1", WISH);

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        assertThat(ledger.bookings()).isEmpty();
    }

    /** On the bare socket, for a client library might take an orderly end for a reset. */
    @Test
    void resetsTheConnectionWithoutCharging() throws Exception {
        always(Fault.RESET);

        try (Socket socket = new Socket("localhost", gateway.uri().getPort())) {
            socket.getOutputStream().write(rawCharge("key-1"));
            assertThatExceptionOfType(SocketException.class)
                    .isThrownBy(() -> socket.getInputStream().read())
                    .withMessage("Connection reset");
        }
        assertThat(ledger.bookings()).isEmpty();
    }

    @Test
    void chargesAndLosesTheAnswer() throws Exception {
        always(Fault.LOST_ANSWER);

        try (Socket socket = new Socket("localhost", gateway.uri().getPort())) {
            socket.getOutputStream().write(rawCharge("key-1"));
            assertThatExceptionOfType(SocketException.class)
                    .isThrownBy(() -> socket.getInputStream().read())
                    .withMessage("Connection reset");
        }
        assertThat(ledger.bookings()).hasSize(1);
    }

    @Test
    void chargesAndAnswersGarbage() throws Exception {
        always(Fault.GARBAGE);

        HttpResponse<String> answer = charge("key-1", WISH);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).startsWith("\u0000");
        assertThat(ledger.bookings()).hasSize(1);
    }

    /** Nothing but the end of the gateway ends a request that hangs; others are served meanwhile. */
    @Test
    void hangsWithoutHoldingUpOthers() throws Exception {
        always(Fault.HANG);
        CountDownLatch struck = new CountDownLatch(1);
        doAnswer(call -> {
                    Object answer = call.callRealMethod();
                    struck.countDown();
                    return answer;
                })
                .when(injector)
                .filter(any(), any());
        CompletableFuture<HttpResponse<String>> hanging =
                client.sendAsync(chargeRequest("key-1", WISH), BodyHandlers.ofString());
        assertThat(struck.await(30, TimeUnit.SECONDS)).isTrue();
        HttpRequest healing = HttpRequest.newBuilder(uri("/gateway/faults"))
                .PUT(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        List<Integer> others = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            others.add(get("/gateway/bookings").statusCode());
        }
        assertThat(send(healing).statusCode()).isEqualTo(200);
        assertThat(charge("key-2", WISH).statusCode()).isEqualTo(200);

        assertThat(others).hasSize(20).containsOnly(200);
        assertThat(hanging).isNotDone();
        gateway.destroy();
        assertThat(hanging)
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(IOException.class);
        assertThat(ledger.bookings()).extracting(Charge::key).containsExactly("key-2");
    }

    @Test
    void answersLateWhenItIsSlow() throws Exception {
        injector.use(new Faults(Duration.ofMillis(20), Duration.ZERO, Map.of(), null));

        assertThat(charge("key-1", WISH).statusCode()).isEqualTo(200);
    }

    @Test
    void repeatsTheSameFaultsForTheSameSeed() throws Exception {
        String faults = "{\"seed\": 42, \"rates\": {\"unavailable\": 0.5}}";

        assertThat(put(faults).statusCode()).isEqualTo(200);
        List<Integer> first = statusOfTwenty();
        put(faults);
        List<Integer> second = statusOfTwenty();

        assertThat(second).isEqualTo(first).contains(404, 503);
    }

    @Test
    void changesItsFaultsOnRequest() throws Exception {
        HttpResponse<String> changed = put("{\"rates\": {\"unavailable\": 1}}");
        HttpResponse<String> refused = put("{\"rates\": {\"unavailable\": 2}}");

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("must be less than or equal to 1");
        assertThat(get("/gateway/faults").body()).isEqualTo(changed.body());
        assertThat(get("/charges/key-1").statusCode()).isEqualTo(503);
    }

    @Test
    void saysWhichPortIsTaken() {
        GatewayProperties samePort = new GatewayProperties(gateway.uri().getPort(), NONE);

        assertThatExceptionOfType(PortInUseException.class)
                .isThrownBy(() -> new GatewayServer(samePort, new GatewayApi(ledger, new Mail(), injector, null)))
                .withMessage("Port " + samePort.port() + " is already in use");
    }

    private void always(Fault fault) {
        injector.use(new Faults(NONE.latency(), NONE.retryAfter(), Map.of(fault, 1.0), null));
    }

    private List<Integer> statusOfTwenty() throws Exception {
        List<Integer> status = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            status.add(get("/charges/unknown").statusCode());
        }
        return status;
    }

    private HttpResponse<String> charge(String key, String wish) throws Exception {
        return send(chargeRequest(key, wish));
    }

    private HttpRequest chargeRequest(String key, String wish) {
        return HttpRequest.newBuilder(uri("/charges"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(wish))
                .build();
    }

    private byte[] rawCharge(String key) {
        return ("POST /charges HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: " + key
                        + "\r\nContent-Length: " + WISH.length() + "\r\n\r\n" + WISH)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private HttpResponse<String> close(String key) throws Exception {
        return send(HttpRequest.newBuilder(uri("/charges/" + key)).DELETE().build());
    }

    private HttpResponse<String> put(String faults) throws Exception {
        return send(HttpRequest.newBuilder(uri("/gateway/faults"))
                .PUT(HttpRequest.BodyPublishers.ofString(faults))
                .build());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return gateway.uri().resolve(path);
    }
}
