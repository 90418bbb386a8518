package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.event;

import io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.autoconfigure.Wiring;

final class BadUpwards {
    Wiring wiring;
}
