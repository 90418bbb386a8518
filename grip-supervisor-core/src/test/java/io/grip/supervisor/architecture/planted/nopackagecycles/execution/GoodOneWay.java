package io.grip.supervisor.architecture.planted.nopackagecycles.execution;

import io.grip.supervisor.architecture.planted.nopackagecycles.time.BadForth;

final class GoodOneWay {
    BadForth forth;
}
