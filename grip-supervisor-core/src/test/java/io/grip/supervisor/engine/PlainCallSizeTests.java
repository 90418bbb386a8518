package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * HotSpot makes no method part of its caller that has more than 325 bytes of code, however often it is called
 * ({@code FreqInlineSize}). What a plain call then costs more is a frame of the stack, and for a failure one more throw: a
 * quarter of its cost. Nothing else would tell of that.
 */
class PlainCallSizeTests {

    private static final int LIMIT = 325;

    @Test
    void aPlainCallIsShortEnoughToBePartOfItsCaller() {
        String code = codeOf("callPlainly");

        assertThat(lastOffset(code)).isPositive().isLessThan(LIMIT);
    }

    private static String codeOf(String method) {
        StringWriter out = new StringWriter();
        PrintWriter printer = new PrintWriter(out);
        ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
        String classFile = Engine.class.getResource("Engine.class").toString();
        assertThat(javap.run(printer, printer, "-c", "-p", classFile)).isZero();
        Matcher matcher = Pattern.compile("(?ms)^  private [^\n]*\\b" + method + "\\(.*?^$")
                .matcher(out.toString());
        assertThat(matcher.find()).as(method + " in " + classFile).isTrue();
        return matcher.group();
    }

    /** Of the last instruction, which is one byte long as a rule. */
    private static int lastOffset(String code) {
        int last = -1;
        Matcher matcher = Pattern.compile("(?m)^ +(\\d+): [a-z]").matcher(code);
        while (matcher.find()) {
            last = Math.max(last, Integer.parseInt(matcher.group(1)));
        }
        return last;
    }
}
