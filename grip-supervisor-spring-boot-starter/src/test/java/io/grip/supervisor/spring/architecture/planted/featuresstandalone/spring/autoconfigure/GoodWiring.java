package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.autoconfigure;

import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.Used;
import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.event.Tool;

final class GoodWiring {
    Used used;

    Tool tool;
}
