package io.grip.supervisor.spring.architecture.planted.coreapionly.spring;

import io.grip.supervisor.spring.architecture.planted.coreapionly.engine.Hidden;

final class BadGuest {
    private Hidden hidden;
}
