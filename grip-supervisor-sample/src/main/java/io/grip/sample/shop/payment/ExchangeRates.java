package io.grip.sample.shop.payment;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.grip.supervisor.spring.Supervised;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Service;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.publisher.Mono;

/** Today's exchange rates, from the gateway. A rate that is a little old is better than none. */
@Service
public class ExchangeRates {

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Rate(BigDecimal rate) {

        Rate {
            Objects.requireNonNull(rate, "rate");
        }
    }

    private final WebClient gateway;
    private final ConcurrentMap<String, BigDecimal> lastKnown = new ConcurrentHashMap<>();

    ExchangeRates(WebClient gatewayWebClient) {
        this.gateway = gatewayWebClient;
    }

    /** What one euro is worth; fails with {@link UnknownCurrency} where the gateway has no rate. */
    @Supervised(policy = "rates", fallback = "lastKnown")
    public Mono<BigDecimal> rate(String currency) {
        return gateway.get()
                .uri("/rates/{currency}", currency)
                .retrieve()
                .bodyToMono(Rate.class)
                .map(Rate::rate)
                .doOnNext(rate -> lastKnown.put(currency, rate))
                .onErrorMap(WebClientResponseException.NotFound.class, none -> new UnknownCurrency(currency));
    }

    Mono<BigDecimal> lastKnown(String currency, Throwable failure) {
        BigDecimal rate = lastKnown.get(currency);
        if (rate != null) {
            return Mono.just(rate);
        }
        return Mono.error(failure instanceof UnknownCurrency ? failure : new RateUnavailable(currency, failure));
    }
}
