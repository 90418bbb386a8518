package io.grip.supervisor.tree;

import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Events as text, bounded in depth and length. Runs where listeners run: a throwable's message is code of the user's. */
final class EventText {

    private static final int MAX_DEPTH = 4;
    private static final int MAX_CAUSE = 600;
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");

    private EventText() {}

    static String of(TreeEvent event) {
        String details = event.values().entrySet().stream()
                .skip(3)
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(", "));
        return oneLine(
                cut(event.getClass().getSimpleName() + " '" + event.path() + "': " + details, TreeEvent.MAX_TEXT));
    }

    static void putCause(Map<String, Object> values, @Nullable Throwable cause) {
        values.put("cause", cause == null ? "" : text(cause));
    }

    /** A throwable and a few of its causes. */
    static String text(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        Throwable link = thrown;
        for (int depth = 0; link != null && depth < MAX_DEPTH && text.length() < MAX_CAUSE; depth++) {
            text.append(depth == 0 ? "" : " <- ").append(one(link));
            link = link.getCause();
        }
        return cut(text.append(link == null ? "" : " <- ...").toString(), MAX_CAUSE);
    }

    private static String one(Throwable thrown) {
        try {
            return thrown.toString();
        } catch (Throwable broken) {
            return thrown.getClass().getName() + " (its message threw "
                    + broken.getClass().getName() + ")";
        }
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }

    /** One line it stays, whatever a message brings: what breaks lines would forge entries of a log. */
    private static String oneLine(String text) {
        return UNPRINTABLE.matcher(text).replaceAll(" ");
    }
}
