package io.grip.sample.shop.order;

import io.grip.sample.shop.payment.CardDeclined;
import io.grip.sample.shop.payment.PaymentGateway;
import io.grip.sample.shop.payment.Receipts;
import io.grip.supervisor.execution.AdmissionRejectedException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Takes one order from the customer's request to its decision. The order is written first, so if the process dies anywhere in
 * here, the {@link Settler} finds it.
 */
@Service
class Checkout {

    private static final Logger log = LoggerFactory.getLogger(Checkout.class);

    private record Decision(OrderState state, @Nullable String reason) {}

    private final Orders orders;
    private final PaymentGateway payments;
    private final Receipts receipts;

    Checkout(Orders orders, PaymentGateway payments, Receipts receipts) {
        this.orders = orders;
        this.payments = payments;
        this.receipts = receipts;
    }

    Order place(OrderRequest request) {
        Order order = orders.open(UUID.randomUUID(), request.sku(), request.quantity());
        Decision decision = charge(order, request.card());
        Order decided = orders.decide(order.id(), decision.state(), decision.reason());
        if (decided.state() == OrderState.CONFIRMED) {
            receipts.send(decided.id(), decided.amount());
        }
        return decided;
    }

    private Decision charge(Order order, String card) {
        try {
            payments.charge(order.id(), order.amount(), card);
            return new Decision(OrderState.CONFIRMED, null);
        } catch (CardDeclined declined) {
            return new Decision(OrderState.REFUSED, declined.getMessage());
        } catch (AdmissionRejectedException busy) {
            return new Decision(OrderState.REJECTED, "the gateway has too much to do");
        } catch (RuntimeException unknown) {
            // Whatever the last attempt ended with, an earlier one may have charged the card and lost the answer.
            log.debug("The charge of order {} is unknown", order.id(), unknown);
            return new Decision(OrderState.CHARGE_UNKNOWN, "the gateway has not answered yet");
        }
    }
}
