package io.grip.supervisor.architecture.planted.nopackagecycles.time;

import io.grip.supervisor.architecture.planted.nopackagecycles.thread.BadBack;

public final class BadForth {
    BadBack back;
}
