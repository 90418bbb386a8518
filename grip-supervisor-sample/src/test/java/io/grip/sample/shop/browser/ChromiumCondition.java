package io.grip.sample.shop.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whether there is a Chromium with its driver; with {@code -Dgrip.browser=required} there has to be. */
final class ChromiumCondition implements ExecutionCondition {

    private static final String HELP =
            "The console's browser tests need chromium and chromedriver on the PATH, and this machine"
                    + " lacks %s. On Debian: apt-get install chromium chromium-driver";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing = Stream.of("chromium", "chromedriver")
                .filter(program -> find(program).isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("there is a Chromium");
        }
        String reason = HELP.formatted(String.join(" and ", missing));
        if ("required".equals(System.getProperty("grip.browser"))) {
            throw new ExtensionConfigurationException(
                    reason + "; -Dgrip.browser=required does not let them be skipped");
        }
        if (context.getTestMethod().isEmpty()) {
            System.err.println("SKIPPED " + context.getDisplayName() + ". " + reason);
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    static Optional<File> find(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toFile)
                .findFirst();
    }
}
