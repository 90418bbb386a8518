package io.grip.sample.shop.console;

import io.grip.sample.shop.gateway.GatewayServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Writes the figures to the log every few seconds, as long as something happens. Called by one thread at a time. */
@Component
class Console {

    private static final Logger log = LoggerFactory.getLogger(Console.class);

    private final Figures figures;
    private final GatewayServer gateway;

    /** Publishes to the scheduler's next thread what is not worth writing again. */
    private volatile String lastLine = "";

    Console(Figures figures, GatewayServer gateway) {
        this.figures = figures;
        this.gateway = gateway;
    }

    @EventListener
    void welcome(ApplicationReadyEvent ready) {
        lastLine = figures.line();
        String port = ready.getApplicationContext().getEnvironment().getProperty("local.server.port", "none");
        log.info("The shop takes orders on port {}, its payment gateway listens at {}", port, gateway.uri());
        log.info("Watch and steer it at http://localhost:{}/actuator/supervisorconsole", port);
        log.info(
                "Make the gateway worse: curl -X PUT {}/gateway/faults -d '{\"rates\": {\"unavailable\": 0.5}}'",
                gateway.uri());
    }

    @Scheduled(initialDelayString = "1s", fixedRateString = "${shop.console.every}")
    void write() {
        String line = figures.line();
        if (!line.equals(lastLine)) {
            lastLine = line;
            log.info(line);
        }
    }
}
