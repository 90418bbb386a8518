package io.grip.supervisor.spring.console;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.web.filter.OncePerRequestFilter;

/** Sets the console's headers in a servlet application. */
public final class ConsoleServletFilter extends OncePerRequestFilter {

    private final ConsoleHeaders headers;

    /** @param endpoints where endpoints stand; asked for at the first request */
    public ConsoleServletFilter(Supplier<PathMappedEndpoints> endpoints) {
        headers = new ConsoleHeaders(endpoints);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // What follows the path of Spring's servlet, where that has one of its own.
        String path = request.getPathInfo() == null ? request.getServletPath() : request.getPathInfo();
        headers.set(path, response::setHeader);
        chain.doFilter(request, response);
    }
}
