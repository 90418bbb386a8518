package io.grip.sample.shop.order;

import io.grip.sample.shop.payment.ChargeState;
import io.grip.sample.shop.payment.PaymentGateway;
import io.grip.sample.shop.payment.Receipts;
import java.time.OffsetDateTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Settles orders whose charge is not known: those whose answer was lost, and those a crash left pending. Runs at start and then
 * again and again; the order book and the gateway both decide a thing once, so two settlers, or a settler and a late customer,
 * come to the same end.
 */
@Component
class Settler {

    private static final Logger log = LoggerFactory.getLogger(Settler.class);

    private final Orders orders;
    private final PaymentGateway payments;
    private final Receipts receipts;
    private final SettlementProperties properties;

    /** Tells a round that is under way that the shop is closing. */
    private volatile boolean closing;

    Settler(Orders orders, PaymentGateway payments, Receipts receipts, SettlementProperties properties) {
        this.orders = orders;
        this.payments = payments;
        this.receipts = receipts;
        this.properties = properties;
    }

    /** One round. An order that cannot be settled now is left for the next. */
    @Scheduled(fixedDelayString = "${shop.settlement.every}")
    void settleOpenOrders() {
        OffsetDateTime pendingSince = OffsetDateTime.now().minus(properties.pendingFor());
        for (Order order : orders.unsettled(pendingSince, properties.batch())) {
            if (closing) {
                return;
            }
            try {
                settle(order);
            } catch (RuntimeException later) {
                log.debug("Order {} is settled another time", order.id(), later);
            }
        }
    }

    /** The rest waits for the next start. */
    @EventListener(ContextClosedEvent.class)
    void stop() {
        closing = true;
    }

    private void settle(Order order) {
        // "No charge so far" does not settle anything, for a charge may still be on its way: only closing the key does.
        ChargeState charge = payments.find(order.id()).orElseGet(() -> payments.close(order.id()));
        Order settled = switch (charge) {
            case CHARGED -> orders.decide(order.id(), OrderState.CONFIRMED, null);
            case DECLINED -> orders.decide(order.id(), OrderState.REFUSED, "the card was declined");
            case VOID -> orders.decide(order.id(), OrderState.REFUSED, "the charge was not made in time");
        };
        if (settled.state() == OrderState.CONFIRMED) {
            receipts.send(settled.id(), settled.amount());
        }
    }
}
