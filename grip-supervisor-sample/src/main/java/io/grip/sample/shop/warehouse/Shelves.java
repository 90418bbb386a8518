package io.grip.sample.shop.warehouse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** What has been shipped, in its order. Safe for use by any thread; the lock is held for a look or an entry. */
@Component
final class Shelves {

    /** @param number from 1, without a gap */
    record Shipment(long number, UUID order, String sku, int quantity) {}

    private final List<Shipment> shipped = new ArrayList<>();
    private final Set<UUID> orders = new HashSet<>();
    private long told;

    /** Ships an order, or finds it shipped. */
    synchronized void ship(UUID order, String sku, int quantity) {
        told++;
        if (orders.add(order)) {
            shipped.add(new Shipment(shipped.size() + 1L, order, sku, quantity));
        }
    }

    /** At most so many shipments that come after a number. */
    synchronized List<Shipment> after(long number, int limit) {
        int from = (int) Math.min(Math.max(number, 0), shipped.size());
        return List.copyOf(shipped.subList(from, Math.min(shipped.size(), from + limit)));
    }

    /** How often it was told to ship anything. */
    synchronized long told() {
        return told;
    }
}
