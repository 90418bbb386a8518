package io.grip.sample.shop.order;

import io.grip.sample.shop.outbox.Outbox;
import io.grip.supervisor.spring.Supervised;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The order book. An order and the stock it needs change in one transaction, and an order once decided stays as it is:
 * whoever comes second, the customer's request or the settler, changes nothing.
 */
@Service
public class Orders {

    private static final String SELECT = "select id, sku, quantity, amount, state, reason from orders ";

    private final JdbcClient jdbc;
    private final Products products;
    private final Outbox outbox;

    Orders(JdbcClient jdbc, Products products, Outbox outbox) {
        this.jdbc = jdbc;
        this.products = products;
        this.outbox = outbox;
    }

    /**
     * Writes a pending order and reserves its stock. The id comes from the caller so that a second attempt finds what a first
     * one has written, even if that one never learnt of its commit.
     *
     * @throws UnknownProduct if the shop does not sell it
     * @throws OutOfStock if there is not enough of it
     */
    @Supervised("stock")
    @Transactional
    public Order open(UUID id, String sku, int quantity) {
        long amount = products.get(sku).price() * quantity;
        int written = jdbc.sql("insert into orders (id, sku, quantity, amount, state, placed_at)"
                        + " values (?, ?, ?, ?, 'PENDING', ?) on conflict do nothing")
                .params(id, sku, quantity, amount, OffsetDateTime.now())
                .update();
        if (written > 0) {
            products.take(sku, quantity);
        }
        return get(id);
    }

    /**
     * Moves an open order on; an order already decided stays as it is. With the same stroke stock that is not sold is given
     * back, and what is sold has its message to the warehouse written.
     */
    @Supervised("stock")
    @Transactional
    public Order decide(UUID id, OrderState state, @Nullable String reason) {
        int moved = jdbc.sql(
                        "update orders set state = ?, reason = ? where id = ? and state in ('PENDING', 'CHARGE_UNKNOWN')")
                .param(state.name())
                .param(reason)
                .param(id)
                .update();
        Order order = get(id);
        if (moved > 0 && (state == OrderState.REFUSED || state == OrderState.REJECTED)) {
            products.giveBack(order.sku(), order.quantity());
        }
        if (moved > 0 && state == OrderState.CONFIRMED) {
            outbox.add(order.id(), order.sku(), order.quantity());
        }
        return order;
    }

    /** @throws UnknownOrder if there is none */
    public Order get(UUID id) {
        return jdbc.sql(SELECT + "where id = ?")
                .param(id)
                .query(Order.class)
                .optional()
                .orElseThrow(() -> new UnknownOrder(id));
    }

    /** Orders whose charge is unknown, and pending ones so old that nobody can be working on them any more; oldest first. */
    List<Order> unsettled(OffsetDateTime pendingSince, int limit) {
        return jdbc.sql(SELECT + "where state = 'CHARGE_UNKNOWN' or (state = 'PENDING' and placed_at < ?)"
                        + " order by placed_at limit ?")
                .params(pendingSince, limit)
                .query(Order.class)
                .list();
    }

    /** How many orders there are in each state. */
    Map<OrderState, Long> count() {
        return jdbc
                .sql("select state, count(*) as number from orders group by state")
                .query((row, index) -> Map.entry(OrderState.valueOf(row.getString("state")), row.getLong("number")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
