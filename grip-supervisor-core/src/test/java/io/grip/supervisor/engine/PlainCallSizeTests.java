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

    /** As for HotSpot's {@code MaxInlineSize}: what is no longer is made part of its caller without any reason. */
    private static final int LIMIT_OF_TRIVIAL_CODE = 35;

    @Test
    void aPlainCallIsShortEnoughToBePartOfItsCaller() {
        String code = codeOf("private [^\n]*callPlainly\\(");

        assertThat(lastOffset(code)).isPositive().isLessThan(LIMIT);
    }

    /** Else it is, from time to time, a frame more on the stack of each call that waits: 80 to 100 bytes of a thousand. */
    @Test
    void whatLeadsToItIsPartOfItsCallerWhateverTheCompilerThinksOfIt() {
        String code = codeOf("public [^\n]* call\\([^,\n]*Task<T>\\)");

        assertThat(lastOffset(code)).isPositive().isLessThan(LIMIT_OF_TRIVIAL_CODE);
    }

    /** @param declaration a regular expression that the beginning of its declaration matches */
    private static String codeOf(String declaration) {
        StringWriter out = new StringWriter();
        PrintWriter printer = new PrintWriter(out);
        ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
        String classFile = Engine.class.getResource("Engine.class").toString();
        assertThat(javap.run(printer, printer, "-c", "-p", classFile)).isZero();
        Matcher matcher = Pattern.compile("(?ms)^  " + declaration + ".*?^$").matcher(out.toString());
        assertThat(matcher.find()).as(declaration + " in " + classFile).isTrue();
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
