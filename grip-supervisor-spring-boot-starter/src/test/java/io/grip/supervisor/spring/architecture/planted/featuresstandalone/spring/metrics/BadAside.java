package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.metrics;

import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.event.Tool;

final class BadAside {
    Tool tool;
}
