package io.grip.sample.shop.outbox;

import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Tells the warehouse what to ship, message by message. It catches nothing: when the database or the warehouse is away it
 * fails, and its supervisor starts it again after a while.
 */
@Component(Deliverer.NAME)
class Deliverer implements Worker {

    static final String NAME = "deliverer";
    private static final int BATCH = 20;
    private static final Duration AT_MOST = Duration.ofMillis(200);

    private final Outbox outbox;
    private final Warehouse warehouse;
    private final Mischief mischief;

    Deliverer(Outbox outbox, Warehouse warehouse, Mischief mischief) {
        this.outbox = outbox;
        this.warehouse = warehouse;
        this.mischief = mischief;
    }

    @Override
    public void run(WorkerContext context) throws Exception {
        while (!context.stopRequested()) {
            mischief.at(NAME);
            for (Outbox.Message message : outbox.unsent(BATCH)) {
                if (context.stopRequested()) {
                    return;
                }
                context.heartbeat();
                warehouse.ship(message.orderId(), message.sku(), message.quantity());
                // Dying here is the interesting case: the warehouse knows, and the outbox does not.
                mischief.at(NAME);
                outbox.markSent(message.id());
            }
            context.idle();
            outbox.awaitMessage(AT_MOST);
            context.heartbeat();
        }
    }
}
