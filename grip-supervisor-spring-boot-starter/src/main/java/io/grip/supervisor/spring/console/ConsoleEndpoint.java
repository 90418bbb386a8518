package io.grip.supervisor.spring.console;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * Serves the page and its files. Being an endpoint, it stands wherever Actuator stands, and who may read it is decided
 * as for any other. It holds nothing but files, so any thread may call it.
 */
@WebEndpoint(id = ConsoleEndpoint.ID, defaultAccess = Access.READ_ONLY)
public final class ConsoleEndpoint {

    /** The id of the endpoint, and the last part of its address unless that is mapped elsewhere. */
    public static final String ID = "supervisorconsole";

    private static final EndpointId CONSOLE = EndpointId.of(ID);
    private static final EndpointId SUPERVISORS = EndpointId.of("supervisors");
    private static final MimeType HTML = new MimeType(MimeTypeUtils.TEXT_HTML, StandardCharsets.UTF_8);

    private final boolean enabled;
    private final Supplier<PathMappedEndpoints> endpoints;
    private final ConsoleFiles files = new ConsoleFiles();

    /**
     * @param enabled whether the page is there; asked for here too, because an application built ahead of time has this
     *     endpoint whatever its properties say
     * @param endpoints where endpoints stand; asked for each page, because it is not known while beans are made
     */
    public ConsoleEndpoint(boolean enabled, Supplier<PathMappedEndpoints> endpoints) {
        this.enabled = enabled;
        this.endpoints = endpoints;
    }

    /** The page. */
    @ReadOperation(produces = MimeTypeUtils.TEXT_HTML_VALUE)
    public WebEndpointResponse<byte[]> page() {
        if (!enabled) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        PathMappedEndpoints mapped = endpoints.get();
        String console = mapped.getPath(CONSOLE);
        return console == null
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : new WebEndpointResponse<>(files.page(console, mapped.getPath(SUPERVISORS)), HTML);
    }

    /**
     * One file of the page.
     *
     * @param name its name, as the page has it
     */
    @ReadOperation(produces = {"text/javascript", "text/css", "text/plain", "image/svg+xml"})
    public WebEndpointResponse<byte[]> file(@Selector String name) {
        ConsoleFiles.File file = enabled ? files.named(name) : null;
        return file == null
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : new WebEndpointResponse<>(file.content(), file.type());
    }
}
