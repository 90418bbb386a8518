package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.test.system.CapturedOutput;

/**
 * The warnings that the thread of a test has logged. What is captured is the output of the whole JVM, and other threads, of
 * contexts that are kept for other tests, log theirs when they please.
 */
final class OwnWarnings {

    private static final Log log = LogFactory.getLog(OwnWarnings.class);

    /** The end of a thread's name, which is all that Boot's format shows. */
    private static final int SHOWN = 15;

    private static final String LAST = "a warning by which it is known that warnings are seen";

    private OwnWarnings() {}

    static List<String> in(CapturedOutput output) {
        log.warn(LAST);
        String name = Thread.currentThread().getName();
        Pattern own = Pattern.compile("WARN.*\\[ *" + tail(name) + "]|\\[" + Pattern.quote(name) + "] WARN");
        List<String> warnings = output.toString()
                .lines()
                .filter(line -> own.matcher(line).find())
                .toList();
        assertThat(warnings).last().asString().endsWith(LAST);
        return warnings.subList(0, warnings.size() - 1);
    }

    private static String tail(String name) {
        return Pattern.quote(name.substring(Math.max(0, name.length() - SHOWN)));
    }
}
