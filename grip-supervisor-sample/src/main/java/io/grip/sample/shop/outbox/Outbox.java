package io.grip.sample.shop.outbox;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Messages for the warehouse. One is written in the transaction that confirms its order, so there is never the one without
 * the other; it is sent until it is known to have been, which may be more than once, and the warehouse does not mind.
 */
@Repository
public class Outbox {

    /** What the warehouse is to be told. */
    record Message(long id, UUID orderId, String sku, int quantity) {}

    private final JdbcClient jdbc;

    /** Rung for each message, perhaps before its transaction is through; so waiting for it has an end. */
    private final Semaphore bell = new Semaphore(0);

    Outbox(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Writes the message of an order, in the transaction that is under way. */
    public void add(UUID order, String sku, int quantity) {
        jdbc.sql("insert into outbox (order_id, sku, quantity) values (?, ?, ?) on conflict do nothing")
                .params(order, sku, quantity)
                .update();
        bell.release();
    }

    /** The oldest messages that are not known to have been sent. */
    List<Message> unsent(int limit) {
        return jdbc.sql("select id, order_id, sku, quantity from outbox where sent_at is null order by id limit ?")
                .param(limit)
                .query(Message.class)
                .list();
    }

    void markSent(long id) {
        jdbc.sql("update outbox set sent_at = ? where id = ?")
                .params(OffsetDateTime.now(), id)
                .update();
    }

    /** Notes that the warehouse has shipped an order. Returns whether that is news. */
    boolean markDelivered(UUID order, long shipment) {
        return jdbc.sql("update outbox set shipment = ? where order_id = ? and shipment is null")
                        .params(shipment, order)
                        .update()
                > 0;
    }

    /** Waits for a message, but no longer than this. */
    void awaitMessage(Duration atMost) throws InterruptedException {
        bell.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
        bell.drainPermits();
    }
}
