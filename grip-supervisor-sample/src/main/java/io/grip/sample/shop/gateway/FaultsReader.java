package io.grip.sample.shop.gateway;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads faults from JSON, which is YAML too, by the rules of {@code application.yml}: the same names, the same units, the same
 * limits.
 */
@Component
final class FaultsReader {

    private static final String KNOWN_FAULTS = Arrays.stream(Fault.values())
            .map(it -> it.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .collect(Collectors.joining(", "));

    private final YamlPropertySourceLoader yaml = new YamlPropertySourceLoader();
    private final Validator validator;

    FaultsReader(Validator validator) {
        this.validator = validator;
    }

    /** @throws WrongFaults saying what is wrong, in words for the one who sent it */
    Faults read(String body) {
        if (!body.strip().startsWith("{")) {
            throw new WrongFaults("a JSON object is needed, such as {\"rates\": {\"unavailable\": 0.5}}");
        }
        Faults faults = bind(body);
        Set<ConstraintViolation<Faults>> violations = validator.validate(faults);
        if (!violations.isEmpty()) {
            throw new WrongFaults(violations.stream()
                    .map(it -> it.getPropertyPath() + " " + it.getMessage())
                    .sorted()
                    .collect(Collectors.joining(", ")));
        }
        return faults;
    }

    private Faults bind(String document) {
        try {
            ByteArrayResource resource = new ByteArrayResource(document.getBytes(StandardCharsets.UTF_8));
            Iterable<PropertySource<?>> sources = yaml.load("the request", resource);
            return new Binder(ConfigurationPropertySources.from(sources))
                    .bindOrCreate("", Bindable.of(Faults.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
        } catch (BindException wrong) {
            throw new WrongFaults(explain(wrong));
        } catch (IOException | YAMLException wrong) {
            throw new WrongFaults("not readable as JSON: " + wrong.getMessage());
        }
    }

    private static String explain(BindException wrong) {
        if (wrong.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
            return unknown.getUnboundProperties().stream()
                    .map(it -> it.getName().toString())
                    .collect(Collectors.joining(", ", "unknown or empty: ", ""));
        }
        String why = wrong.getName() + ": "
                + NestedExceptionUtils.getMostSpecificCause(wrong).getMessage();
        return wrong.getName().toString().startsWith("rates") ? why + "; known are " + KNOWN_FAULTS : why;
    }
}
