package io.grip.sample.shop.order;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;
import static org.mockito.Mockito.when;

import io.grip.sample.shop.payment.PaymentGateway;
import io.grip.sample.shop.payment.Receipts;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SettlerClosingTests {

    private final Orders orders = mock();
    private final PaymentGateway payments = mock();
    private final Settler settler = new Settler(
            orders,
            payments,
            mock(Receipts.class),
            new SettlementProperties(Duration.ofDays(1), Duration.ofDays(1), 10));

    @Test
    void leavesTheRestOfARoundToTheNextStart() {
        Order first = unknown();
        Order second = unknown();
        when(orders.unsettled(any(), anyInt())).thenReturn(List.of(first, second));
        when(payments.find(first.id())).thenAnswer(call -> {
            settler.stop();
            throw new IllegalStateException("the shop is closing");
        });

        settler.settleOpenOrders();

        verify(payments).find(first.id());
        verifyNoMoreInteractions(payments);
    }

    private static Order unknown() {
        return new Order(UUID.randomUUID(), "espresso", 1, 1990, OrderState.CHARGE_UNKNOWN, null);
    }
}
