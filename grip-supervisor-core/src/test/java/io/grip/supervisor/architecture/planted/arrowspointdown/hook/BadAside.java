package io.grip.supervisor.architecture.planted.arrowspointdown.hook;

import io.grip.supervisor.architecture.planted.arrowspointdown.policy.Used;

final class BadAside {
    Used[] used;
}
