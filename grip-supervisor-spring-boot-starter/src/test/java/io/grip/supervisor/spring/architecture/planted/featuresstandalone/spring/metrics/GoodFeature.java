package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.metrics;

import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.Used;

final class GoodFeature {
    Used used;
}
