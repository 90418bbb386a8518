package io.grip.supervisor.architecture.planted.arrowspointdown.time;

import io.grip.supervisor.architecture.planted.arrowspointdown.policy.Used;

final class BadUpwards {
    Used used;
}
