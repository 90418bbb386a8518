package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring;

import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.event.Tool;

final class BadRoot {
    Tool tool;
}
