package io.grip.sample.shop.gateway;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * The gateway's books. Each key is decided once, atomically, whoever comes first; the bookings are kept apart from the keys,
 * as a bank statement is, so that a card charged twice would show. Used by the event loops, without waiting.
 */
@Component
final class Ledger {

    private static final String DECLINED_CARD = "tok_declined";

    private final ConcurrentMap<String, Charge> charges = new ConcurrentHashMap<>();
    private final Queue<Charge> bookings = new ConcurrentLinkedQueue<>();

    /** Charges the card unless the key has been decided before; then says what was decided. */
    Charge charge(String key, ChargeRequest request) {
        return charges.computeIfAbsent(key, unseen -> decide(key, request));
    }

    private Charge decide(String key, ChargeRequest request) {
        if (request.card().equals(DECLINED_CARD)) {
            return new Charge(key, Charge.State.DECLINED, request.order(), request.amount());
        }
        Charge charged = new Charge(key, Charge.State.CHARGED, request.order(), request.amount());
        bookings.add(charged);
        return charged;
    }

    /** Closes the key, so that a charge still on its way will not be made; too late, it says what was decided. */
    Charge close(String key) {
        return charges.computeIfAbsent(key, unseen -> new Charge(key, Charge.State.VOID, "", 0));
    }

    Optional<Charge> find(String key) {
        return Optional.ofNullable(charges.get(key));
    }

    /** Every time money moved, in order. */
    List<Charge> bookings() {
        return List.copyOf(bookings);
    }
}
