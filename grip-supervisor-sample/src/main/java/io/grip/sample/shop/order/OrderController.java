package io.grip.sample.shop.order;

import jakarta.validation.Valid;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OrderController {

    private final Checkout checkout;
    private final Orders orders;

    OrderController(Checkout checkout, Orders orders) {
        this.checkout = checkout;
        this.orders = orders;
    }

    /** 201 with the order; 202 while its charge is not known; 402 or 503 with a problem that says why not. */
    @PostMapping("/orders")
    ResponseEntity<?> place(@Valid @RequestBody OrderRequest request) {
        Order order = checkout.place(request);
        URI location = URI.create("/orders/" + order.id());
        return switch (order.state()) {
            case CONFIRMED -> ResponseEntity.created(location).body(order);
            case PENDING, CHARGE_UNKNOWN ->
                ResponseEntity.accepted().location(location).body(order);
            case REFUSED ->
                ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED)
                        .location(location)
                        .body(problem(HttpStatus.PAYMENT_REQUIRED, order));
            case REJECTED ->
                ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                        .location(location)
                        .header(HttpHeaders.RETRY_AFTER, "1")
                        .body(problem(HttpStatus.SERVICE_UNAVAILABLE, order));
        };
    }

    @GetMapping("/orders/{id}")
    Order get(@PathVariable UUID id) {
        return orders.get(id);
    }

    @GetMapping("/orders/count")
    Map<OrderState, Long> count() {
        return orders.count();
    }

    private static ProblemDetail problem(HttpStatus status, Order order) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                status, Objects.requireNonNullElse(order.reason(), "the order is " + order.state()));
        problem.setProperty("order", order.id());
        return problem;
    }
}
