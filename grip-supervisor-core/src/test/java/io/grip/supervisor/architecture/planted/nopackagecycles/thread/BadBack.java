package io.grip.supervisor.architecture.planted.nopackagecycles.thread;

import io.grip.supervisor.architecture.planted.nopackagecycles.time.BadForth;

public final class BadBack {
    BadForth forth;
}
