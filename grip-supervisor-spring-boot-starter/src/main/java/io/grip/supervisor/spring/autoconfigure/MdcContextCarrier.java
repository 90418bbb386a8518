package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.execution.ContextCarrier;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Takes along the logging context, which Micrometer's context propagation leaves where it is unless somebody registers
 * it, and then whatever another carrier takes along. Immutable.
 */
final class MdcContextCarrier implements ContextCarrier {

    private final ContextCarrier further;

    MdcContextCarrier(ContextCarrier further) {
        this.further = further;
    }

    @Override
    public Captured capture() {
        return new Carried(MDC.getCopyOfContextMap(), further.capture());
    }

    private record Carried(@Nullable Map<String, String> values, Captured further) implements Captured {

        @Override
        public <T extends @Nullable Object> T call(Call<T> body) throws Exception {
            Map<String, String> before = MDC.getCopyOfContextMap();
            set(values);
            try {
                return further.call(body);
            } finally {
                set(before);
            }
        }

        private static void set(@Nullable Map<String, String> values) {
            if (values == null || values.isEmpty()) {
                MDC.clear();
            } else {
                MDC.setContextMap(values);
            }
        }
    }
}
