package io.grip.sample.shop.gateway;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/** The receipts that the gateway mails to card holders: one per idempotency key. Used by the event loops, without waiting. */
@Component
final class Mail {

    /** @param amount in cents */
    record Receipt(String order, long amount) {}

    private final ConcurrentMap<String, Receipt> sent = new ConcurrentHashMap<>();

    void send(String key, Receipt receipt) {
        sent.putIfAbsent(key, receipt);
    }

    Optional<Receipt> find(String key) {
        return Optional.ofNullable(sent.get(key));
    }
}
