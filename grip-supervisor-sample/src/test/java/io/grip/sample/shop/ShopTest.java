package io.grip.sample.shop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.micrometer.metrics.test.autoconfigure.AutoConfigureMetrics;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;

/**
 * The whole shop on free ports with a faultless gateway, no customer of its own, no settling but by the test, and limits so wide
 * that a slow machine does not meet them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "shop.gateway.port=0",
            "shop.warehouse.port=0",
            "shop.gateway.faults.latency=0ms",
            "shop.gateway.faults.rates.unavailable=0",
            "shop.gateway.faults.rates.too-many-requests=0",
            "shop.gateway.faults.rates.reset=0",
            "shop.gateway.faults.rates.hang=0",
            "shop.gateway.faults.rates.garbage=0",
            "shop.gateway.faults.rates.lost-answer=0",
            "shop.customer.enabled=false",
            "shop.settlement.every=1d",
            "grip.supervisor.policies.payment.deadline.timeout=2m",
            "grip.supervisor.policies.payment.deadline.attempt-timeout=1m",
            "grip.supervisor.policies.payment.admission.max-wait=1m",
            "grip.supervisor.policies.settlement.deadline.timeout=2m",
            "grip.supervisor.policies.settlement.deadline.attempt-timeout=1m",
            "grip.supervisor.policies.stock.deadline.timeout=2m",
            "grip.supervisor.policies.receipt.deadline.timeout=2m",
            "grip.supervisor.policies.receipt.deadline.attempt-timeout=1m",
            "grip.supervisor.policies.rates.deadline.timeout=2m",
            "grip.supervisor.policies.rates.deadline.attempt-timeout=1m",
            "spring.datasource.url=jdbc:h2:mem:${random.uuid};MODE=PostgreSQL;LOCK_TIMEOUT=60000",
            "spring.datasource.hikari.connection-timeout=60000",
            "spring.http.clients.connect-timeout=1m"
        })
@AutoConfigureRestTestClient
@AutoConfigureMetrics
@Import({GatewayControl.class, Meters.class})
public @interface ShopTest {}
