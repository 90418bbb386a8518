package io.grip.supervisor.architecture.planted.monotonicclockonlyintime.policy;

import java.util.function.LongSupplier;

final class Clocks {
    static final class BadCall {
        long now = System.nanoTime();
    }

    static final class BadReference {
        LongSupplier now = System::nanoTime;
    }
}
