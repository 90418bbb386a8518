package io.grip.sample.shop.payment;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.grip.supervisor.spring.Supervised;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** Charges cards. The order's id is the idempotency key, so however often a charge is sent, it is made once. */
@Service
public class PaymentGateway {

    /** @param amount in cents */
    private record ChargeRequest(UUID order, long amount, String card) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Charge(ChargeState state) {

        Charge {
            Objects.requireNonNull(state, "state");
        }
    }

    private final RestClient gateway;

    PaymentGateway(RestClient gatewayClient) {
        this.gateway = gatewayClient;
    }

    /**
     * Charges the card, or finds it charged by an earlier attempt.
     *
     * @param amount in cents
     * @throws CardDeclined if the card will not pay; any other exception leaves open whether it was charged
     */
    @Supervised("payment")
    public void charge(UUID order, long amount, String card) {
        Charge charge = gateway.post()
                .uri("/charges")
                .header("Idempotency-Key", order.toString())
                .body(new ChargeRequest(order, amount, card))
                .retrieve()
                .onStatus(HttpStatus.PAYMENT_REQUIRED::equals, (request, response) -> {
                    throw new CardDeclined();
                })
                .requiredBody(Charge.class);
        if (charge.state() != ChargeState.CHARGED) {
            throw new IllegalStateException("not an answer to a charge: " + charge);
        }
    }

    /** What the gateway has decided so far. Nothing so far is no promise: a charge may still be on its way. */
    @Supervised("settlement")
    public Optional<ChargeState> find(UUID order) {
        try {
            return Optional.of(gateway.get()
                    .uri("/charges/{key}", order)
                    .retrieve()
                    .requiredBody(Charge.class)
                    .state());
        } catch (HttpClientErrorException.NotFound nothingSoFar) {
            return Optional.empty();
        }
    }

    /** Tells the gateway to accept no charge for the order any more, and returns what it has decided for good. */
    @Supervised("settlement")
    public ChargeState close(UUID order) {
        return gateway.delete()
                .uri("/charges/{key}", order)
                .retrieve()
                .requiredBody(Charge.class)
                .state();
    }
}
