package io.grip.supervisor.architecture.planted.jdkandannotationsonly;

import java.util.Map;
import org.jspecify.annotations.Nullable;

final class GoodDependency {
    @Nullable
    String text;

    Map<String, int[]> map = Map.of();
}
