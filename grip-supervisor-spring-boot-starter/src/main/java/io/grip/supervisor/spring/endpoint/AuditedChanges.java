package io.grip.supervisor.spring.endpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes each change as an audit event of type {@value #TYPE}. Safe for use by any thread. */
public final class AuditedChanges implements ChangeListener {

    /** The type of the audit events. */
    public static final String TYPE = "SUPERVISOR_CHANGE";

    private static final String NOBODY_KNOWN = "anonymous";

    private final ApplicationEventPublisher publisher;

    /** Publishes to the listeners of an application context. */
    public AuditedChanges(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void changed(Change change) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", change.kind());
        data.put("name", change.name());
        data.put("path", change.path());
        data.put("action", change.action());
        data.put("from", change.from());
        data.put("to", change.to());
        String by = change.by() == null ? NOBODY_KNOWN : change.by();
        publisher.publishEvent(new AuditApplicationEvent(new AuditEvent(by, TYPE, data)));
    }
}
