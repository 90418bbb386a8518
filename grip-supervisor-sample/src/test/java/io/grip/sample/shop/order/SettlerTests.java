package io.grip.sample.shop.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.ShopTest;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every way in which an order can be left open, and how it ends. */
@ShopTest
class SettlerTests {

    private static final OrderRequest REQUEST = new OrderRequest("espresso", 2, "tok_visa");

    @Autowired
    private Checkout checkout;

    @Autowired
    private Settler settler;

    @Autowired
    private Orders orders;

    @Autowired
    private Products products;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private JdbcClient jdbc;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void confirmsAnOrderThatWasChargedButTheAnswerLost() {
        gateway.faults("{\"rates\": {\"lost-answer\": 1}}");
        Order unknown = checkout.place(REQUEST);
        gateway.heal();

        settler.settleOpenOrders();

        assertThat(unknown.state()).isEqualTo(OrderState.CHARGE_UNKNOWN);
        assertThat(orders.get(unknown.id()).state()).isEqualTo(OrderState.CONFIRMED);
        assertThat(gateway.bookingsOf(unknown.id())).hasSize(1);
    }

    @Test
    void refusesAnOrderThatNeverReachedTheGatewayAndKeepsALateChargeOut() {
        int before = products.get("espresso").available();
        gateway.faults("{\"rates\": {\"unavailable\": 1}}");
        Order unknown = checkout.place(REQUEST);
        gateway.heal();

        settler.settleOpenOrders();

        assertThat(orders.get(unknown.id()).state()).isEqualTo(OrderState.REFUSED);
        assertThat(products.get("espresso").available()).isEqualTo(before);
        assertThat(gateway.chargeLate(unknown.id(), unknown.amount())).isEqualTo(HttpStatus.CONFLICT);
        assertThat(gateway.bookingsOf(unknown.id())).isEmpty();
    }

    @Test
    void leavesAnOrderForTheNextRoundWhileTheGatewayIsDown() {
        gateway.faults("{\"rates\": {\"lost-answer\": 1}}");
        Order unknown = checkout.place(REQUEST);
        gateway.faults("{\"rates\": {\"unavailable\": 1}}");

        settler.settleOpenOrders();
        assertThat(orders.get(unknown.id()).state()).isEqualTo(OrderState.CHARGE_UNKNOWN);

        gateway.heal();
        settler.settleOpenOrders();
        assertThat(orders.get(unknown.id()).state()).isEqualTo(OrderState.CONFIRMED);
    }

    @Test
    void refusesAnOrderThatACrashLeftBeforeItsCharge() {
        int before = products.get("espresso").available();
        Order left = leftLongAgo();

        settler.settleOpenOrders();

        assertThat(orders.get(left.id()).state()).isEqualTo(OrderState.REFUSED);
        assertThat(products.get("espresso").available()).isEqualTo(before);
    }

    @Test
    void confirmsAnOrderThatACrashLeftAfterItsCharge() {
        int before = products.get("espresso").available();
        Order left = leftLongAgo();
        gateway.chargeLate(left.id(), left.amount());

        settler.settleOpenOrders();

        assertThat(orders.get(left.id()).state()).isEqualTo(OrderState.CONFIRMED);
        assertThat(products.get("espresso").available()).isEqualTo(before - 2);
    }

    @Test
    void leavesAloneAnOrderThatIsBeingCharged() {
        Order fresh = orders.open(UUID.randomUUID(), "espresso", 2);

        settler.settleOpenOrders();

        assertThat(orders.get(fresh.id()).state()).isEqualTo(OrderState.PENDING);
        assertThat(gateway.chargeLate(fresh.id(), fresh.amount())).isEqualTo(HttpStatus.OK);
        orders.decide(fresh.id(), OrderState.CONFIRMED, null);
    }

    @Test
    void changesNothingOnceAnOrderIsDecided() {
        int before = products.get("espresso").available();
        Order order = orders.open(UUID.randomUUID(), "espresso", 2);
        orders.decide(order.id(), OrderState.REFUSED, "first");

        for (OrderState late : OrderState.values()) {
            assertThat(orders.decide(order.id(), late, "late").state()).isEqualTo(OrderState.REFUSED);
        }

        assertThat(orders.get(order.id()).reason()).isEqualTo("first");
        assertThat(products.get("espresso").available()).isEqualTo(before);
    }

    @Test
    void writesAnOrderOnceWhenItIsOpenedAgain() {
        int before = products.get("espresso").available();
        UUID id = UUID.randomUUID();

        Order first = orders.open(id, "espresso", 2);
        Order again = orders.open(id, "espresso", 2);

        assertThat(again).isEqualTo(first);
        assertThat(products.get("espresso").available()).isEqualTo(before - 2);
        orders.decide(id, OrderState.REJECTED, null);
    }

    private Order leftLongAgo() {
        Order left = orders.open(UUID.randomUUID(), "espresso", 2);
        jdbc.sql("update orders set placed_at = placed_at - interval '1' hour where id = ?")
                .param(left.id())
                .update();
        return left;
    }
}
