package io.grip.sample.shop.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.ShopTest;
import io.grip.sample.shop.warehouse.WarehouseServer;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.SupervisionTree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.client.RestClient;

/** Every order is delivered and none twice, whatever happens to the workers, and health says meanwhile how they are. */
@ShopTest
@TestPropertySource(
        properties = {
            "grip.supervisor.trees.shop.children[0].name=shipping",
            "grip.supervisor.trees.shop.children[0].strategy=rest-for-one",
            "grip.supervisor.trees.shop.children[0].restart.consecutive-failures=0",
            "grip.supervisor.trees.shop.children[0].restart.revive-after=300ms",
            "grip.supervisor.trees.shop.children[0].restart.reset-after=1s",
            "grip.supervisor.trees.shop.children[0].children[0].worker=deliverer",
            "grip.supervisor.trees.shop.children[0].children[0].heartbeat=400ms",
            "grip.supervisor.trees.shop.children[0].children[1].worker=reader",
            "grip.supervisor.trees.shop.children[0].children[1].heartbeat=400ms",
            "grip.supervisor.trees.shop.defaults.restart.consecutive-failures=5",
            "grip.supervisor.trees.shop.defaults.restart.backoff.initial=20ms",
            "grip.supervisor.trees.shop.defaults.restart.backoff.max=100ms",
            "grip.supervisor.trees.shop.defaults.restart.reset-after=300ms",
            "grip.supervisor.trees.shop.defaults.stop.grace=50ms",
            "grip.supervisor.trees.shop.defaults.stop.abandon-after=300ms",
            "grip.supervisor.tree-limits.restarts-per-second=unlimited",
            "grip.supervisor.tree-limits.max-abandoned=unlimited"
        })
class ShippingTests {

    record Shipment(long number, UUID order) {}

    record Statement(long told, List<Shipment> shipments) {}

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ORDERS = 300;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private WarehouseServer warehouse;

    @Autowired
    private SupervisionTree tree;

    @LocalServerPort
    private int port;

    @AfterEach
    void heal() {
        mischief("NONE", "NONE");
        await().atMost(LONG).until(() -> health().equals("UP"));
    }

    @Test
    void everyOrderIsDeliveredAndNoneTwiceThoughWorkersAreKilledAtRandom() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("ShippingTests: seed " + seed);
        Random random = new Random(seed);
        CountDownLatch placed = new CountDownLatch(1);
        await().atMost(LONG).until(() -> health().equals("UP"));
        Set<String> seen = new HashSet<>();
        Future<?> all;
        ExecutorService customers = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> orders = new ArrayList<>();
            for (int i = 0; i < ORDERS; i++) {
                orders.add(customers.submit(this::order));
            }
            all = customers.submit(() -> {
                try {
                    for (Future<?> order : orders) {
                        order.get();
                    }
                } finally {
                    placed.countDown();
                }
                return null;
            });
            List<String> kinds = List.of("NONE", "FAIL", "HANG", "DEAF");
            for (int kills = 0; kills < 15 || !placed.await(0, TimeUnit.MILLISECONDS); kills++) {
                mischief(kinds.get(random.nextInt(4)), kinds.get(random.nextInt(4)));
                seen.add(health());
                placed.await(random.nextInt(60), TimeUnit.MILLISECONDS);
                mischief("NONE", "NONE");
                placed.await(random.nextInt(150), TimeUnit.MILLISECONDS);
                seen.add(health());
            }
        } finally {
            customers.shutdown();
        }
        assertThat(customers.awaitTermination(LONG.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        all.get(LONG.toSeconds(), TimeUnit.SECONDS);

        await().atMost(LONG).until(() -> undelivered() == 0);
        Statement statement = statement();
        assertThat(statement.shipments()).extracting(Shipment::order).doesNotHaveDuplicates();
        assertThat(statement.shipments()).extracting(Shipment::order).containsExactlyInAnyOrderElementsOf(confirmed());
        assertThat(confirmed()).hasSizeGreaterThanOrEqualTo(ORDERS);
        assertThat(seen).isNotEmpty().isSubsetOf("UP", "OUT_OF_SERVICE", "DOWN");
        await().atMost(LONG).until(() -> health().equals("UP"));
        // A worker that waits for its next start, or misses a heartbeat on a slow machine, is up all the same.
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(tree.snapshot().all()).allSatisfy(child -> {
                    assertThat(child.state()).isEqualTo(ChildState.RUNNING);
                    assertThat(child.abandoned()).isEmpty();
                }));
    }

    @Test
    void aWorkerThatFailsAgainAndAgainIsOutOfServiceThenDownAndUpOnceItHasRecovered() {
        mischief("FAIL", "NONE");

        await().atMost(LONG).until(() -> health().equals("OUT_OF_SERVICE") || health().equals("DOWN"));
        await().atMost(LONG).until(() -> health().equals("DOWN"));
        // The worker has failed for good before its group has: that stops the others first.
        await().atMost(LONG).until(() -> tree.snapshot("shipping").lastCause().isPresent());
        mischief("NONE", "NONE");
        await().atMost(LONG).until(() -> tree.snapshot("shipping").state() == ChildState.RUNNING);
        await().atMost(LONG).until(() -> health().equals("UP"));
        assertThat(tree.snapshot("shipping").recovering()).isFalse();
    }

    @Test
    void aWorkerThatIgnoresItsInterruptHoldsItsGroupAndIsListedUntilItEnds() {
        mischief("DEAF", "NONE");

        await().atMost(LONG)
                .until(() -> tree.snapshot()
                        .all()
                        .anyMatch(child -> !child.abandoned().isEmpty()));
        await().atMost(LONG).until(() -> !health().equals("UP"));
        assertThat(details()).contains("abandonedThreads", "Mischief.standStill");

        mischief("NONE", "NONE");
        await().atMost(LONG).until(() -> health().equals("UP"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(tree.snapshot().all())
                        .allSatisfy(child -> assertThat(child.abandoned()).isEmpty()));
    }

    @Test
    void aWorkerThatHangsIsMissedByItsHeartbeatAndStartedAgain() {
        long before = tree.snapshot("shipping/reader").generation();
        mischief("NONE", "HANG");

        await().atMost(LONG).until(() -> tree.snapshot("shipping/reader").generation() > before);
        mischief("NONE", "NONE");
        order();
        await().atMost(LONG).until(() -> undelivered() == 0);
    }

    private void order() {
        shop().post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"sku\": \"filter\", \"quantity\": 1, \"card\": \"tok_visa\"}")
                .retrieve()
                .toBodilessEntity();
    }

    private void mischief(String deliverer, String reader) {
        shop().put()
                .uri("/workers/mischief")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"deliverer\": \"" + deliverer + "\", \"reader\": \"" + reader + "\"}")
                .retrieve()
                .toBodilessEntity();
    }

    private String health() {
        return String.valueOf(trees().get("status"));
    }

    private String details() {
        return String.valueOf(trees().get("details"));
    }

    private Map<?, ?> trees() {
        Map<?, ?> answer =
                shop().get().uri("/actuator/health").exchange((request, response) -> response.bodyTo(Map.class));
        return (Map<?, ?>) ((Map<?, ?>) answer.get("components")).get("gripTrees");
    }

    private Statement statement() {
        return RestClient.create(warehouse.uri())
                .get()
                .uri("/warehouse/statement")
                .retrieve()
                .requiredBody(new ParameterizedTypeReference<>() {});
    }

    private List<UUID> confirmed() {
        return jdbc.sql("select id from orders where state = 'CONFIRMED'")
                .query(UUID.class)
                .list();
    }

    private long undelivered() {
        return jdbc.sql("select (select count(*) from orders where state = 'CONFIRMED')"
                        + " - (select count(*) from outbox where shipment is not null)")
                .query(Long.class)
                .single();
    }

    private RestClient shop() {
        return RestClient.create("http://localhost:" + port);
    }
}
