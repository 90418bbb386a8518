package io.grip.supervisor.architecture.planted.jdkandannotationsonly;

import org.assertj.core.api.Assertions;

final class BadDependency {
    Assertions foreign;
}
