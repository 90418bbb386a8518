package io.grip.supervisor.spring.endpoint;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.boot.json.JsonWriter;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Reads the bodies that are sent to the endpoint. Actuator takes an object of texts, of any size; this refuses a body above
 * 64 KiB, and turns the objects inside one into keys with dots. Safe for use by any thread.
 */
public final class BodyFilter extends OncePerRequestFilter {

    /** The largest body, in bytes. */
    static final int LARGEST = 64 * 1024;

    private static final int TOO_LARGE = 413;
    private static final JsonWriter<Map<String, @Nullable Object>> WRITER = JsonWriter.standard();

    private final Supplier<@Nullable String> path;

    /**
     * A filter.
     *
     * @param path of the endpoint, below which bodies are read; null where it has none
     */
    public BodyFilter(Supplier<@Nullable String> path) {
        this.path = path;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        if (!request.getMethod().equals("POST")) {
            return true;
        }
        String below = path.get();
        return below == null || !request.getRequestURI().contains(below + "/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getContentLengthLong() > LARGEST) {
            response.sendError(TOO_LARGE);
            return;
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST + 1);
        if (body.length > LARGEST) {
            response.sendError(TOO_LARGE);
            return;
        }
        byte[] flat;
        try {
            flat = flattened(body);
        } catch (RuntimeException | StackOverflowError unreadable) {
            refuse(response);
            return;
        }
        chain.doFilter(new Reread(request, flat), response);
    }

    private static byte[] flattened(byte[] body) {
        if (body.length == 0) {
            return body;
        }
        Map<String, Object> parsed =
                JsonParserFactory.getJsonParser().parseMap(new String(body, StandardCharsets.UTF_8));
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        parsed.forEach((key, value) -> put(flat, key, value));
        return WRITER.writeToString(flat).getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Map<String, @Nullable Object> flat, String key, @Nullable Object value) {
        if (value instanceof Map<?, ?> nested && !nested.isEmpty()) {
            nested.forEach((below, leaf) -> put(flat, key + "." + below, leaf));
        } else if (value instanceof Collection<?> list) {
            flat.put(key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
        } else {
            flat.put(key, value instanceof Map<?, ?> || value == null ? null : String.valueOf(value));
        }
    }

    private static void refuse(HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
        response.setContentType("application/json");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        Map<String, @Nullable Object> problem = new LinkedHashMap<>();
        problem.put("field", null);
        problem.put("value", null);
        problem.put("message", "The body is no JSON object.");
        response.getWriter().write(WRITER.writeToString(Map.of("errors", List.of(problem))));
    }

    /** The same request with another body. */
    private static final class Reread extends HttpServletRequestWrapper {

        private final byte[] body;

        Reread(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            return new Bytes(body);
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }

        @Override
        public int getContentLength() {
            return body.length;
        }

        @Override
        public long getContentLengthLong() {
            return body.length;
        }
    }

    private static final class Bytes extends ServletInputStream {

        private final InputStream bytes;
        private boolean finished;

        Bytes(byte[] body) {
            bytes = new ByteArrayInputStream(body);
        }

        @Override
        public int read() throws IOException {
            int next = bytes.read();
            finished |= next < 0;
            return next;
        }

        @Override
        public boolean isFinished() {
            return finished;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("the body has been read already");
        }
    }
}
