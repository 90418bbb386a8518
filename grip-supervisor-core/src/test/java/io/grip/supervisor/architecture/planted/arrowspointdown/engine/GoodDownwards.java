package io.grip.supervisor.architecture.planted.arrowspointdown.engine;

import io.grip.supervisor.architecture.planted.arrowspointdown.policy.Used;

final class GoodDownwards {
    Used used;
}
