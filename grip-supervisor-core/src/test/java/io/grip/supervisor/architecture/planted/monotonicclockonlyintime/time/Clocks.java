package io.grip.supervisor.architecture.planted.monotonicclockonlyintime.time;

final class Clocks {
    static final class GoodCall {
        long now = System.nanoTime();
    }
}
