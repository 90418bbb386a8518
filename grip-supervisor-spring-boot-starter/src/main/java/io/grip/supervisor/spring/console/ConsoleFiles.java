package io.grip.supervisor.spring.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MimeType;
import org.springframework.web.util.HtmlUtils;

/**
 * The files of the page, read once. Only those listed here can be asked for, so no name leads anywhere else; they lie
 * beside this class and not among an application's static resources, which anyone may read. Immutable.
 */
final class ConsoleFiles {

    record File(byte[] content, MimeType type) {}

    static final String PAGE = "index.html";

    /** Every file but the page itself. */
    static final List<String> NAMES = List.of(
            "console.js",
            "calls.js",
            "charts.js",
            "connection.js",
            "dialog.js",
            "dom.js",
            "editor.js",
            "format.js",
            "history.js",
            "picture.js",
            "trees.js",
            "waits.js",
            "console.css",
            "icon.svg",
            "uPlot.esm.js",
            "uPlot.min.css",
            "uPlot.LICENSE.txt");

    private static final Map<String, MimeType> TYPES = Map.of(
            "js", new MimeType("text", "javascript", StandardCharsets.UTF_8),
            "css", new MimeType("text", "css", StandardCharsets.UTF_8),
            "txt", new MimeType("text", "plain", StandardCharsets.UTF_8),
            "svg", new MimeType("image", "svg+xml"));

    private final String template = new String(read(PAGE), StandardCharsets.UTF_8);
    private final Map<String, File> files = new LinkedHashMap<>();

    ConsoleFiles() {
        NAMES.forEach(name -> files.put(name, new File(read(name), typeOf(name))));
    }

    @Nullable
    File named(String name) {
        return files.get(name);
    }

    /**
     * The page, with addresses that hold behind whatever stands before the application, being relative to its own.
     *
     * @param console path of this page
     * @param supervisors path of the endpoint it shows; null where that is not exposed
     */
    byte[] page(String console, @Nullable String supervisors) {
        String page = template.replace("@files@", HtmlUtils.htmlEscape(lastOf(console)))
                .replace("@endpoint@", HtmlUtils.htmlEscape(supervisors == null ? "" : relative(console, supervisors)));
        return page.getBytes(StandardCharsets.UTF_8);
    }

    /** How a browser at {@code from} gets to {@code to}. */
    static String relative(String from, String to) {
        int common = 0;
        for (int slash = from.indexOf('/');
                slash >= 0 && to.startsWith(from.substring(0, slash + 1));
                slash = from.indexOf('/', slash + 1)) {
            common = slash + 1;
        }
        long up = from.substring(common).chars().filter(it -> it == '/').count();
        return "../".repeat((int) up) + to.substring(common);
    }

    private static String lastOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static MimeType typeOf(String name) {
        MimeType type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null) {
            throw new IllegalStateException("no content type is known for the console's file " + name);
        }
        return type;
    }

    private static byte[] read(String name) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the console's file " + name + " is not on the class path beside "
                        + ConsoleFiles.class.getName());
            }
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the console's file " + name + " cannot be read", unreadable);
        }
    }
}
