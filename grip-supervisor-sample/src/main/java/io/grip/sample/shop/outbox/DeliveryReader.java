package io.grip.sample.shop.outbox;

import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Reads back from the warehouse what it has shipped. Each incarnation reads from the beginning: what is known already makes
 * no difference.
 */
@Component(DeliveryReader.NAME)
class DeliveryReader implements Worker {

    static final String NAME = "reader";
    private static final long EVERY_MILLIS = 100;

    private final Outbox outbox;
    private final Warehouse warehouse;
    private final Mischief mischief;
    private final Counter delivered;

    DeliveryReader(Outbox outbox, Warehouse warehouse, Mischief mischief, MeterRegistry meters) {
        this.outbox = outbox;
        this.warehouse = warehouse;
        this.mischief = mischief;
        this.delivered = Counter.builder("shop.deliveries")
                .description("Orders that the warehouse is known to have shipped")
                .register(meters);
    }

    @Override
    public void run(WorkerContext context) throws Exception {
        CountDownLatch pause = new CountDownLatch(1);
        long last = 0;
        while (!context.stopRequested()) {
            mischief.at(NAME);
            List<Warehouse.Shipment> shipments = warehouse.shippedAfter(last);
            for (Warehouse.Shipment shipment : shipments) {
                context.heartbeat();
                if (outbox.markDelivered(shipment.order(), shipment.number())) {
                    delivered.increment();
                }
                last = shipment.number();
            }
            if (shipments.isEmpty()) {
                context.idle();
                pause.await(EVERY_MILLIS, TimeUnit.MILLISECONDS);
                context.heartbeat();
            }
        }
    }
}
