package io.grip.supervisor.architecture.planted.threadsonlyfromtimeandthread.thread;

final class GoodNew {
    Thread thread = new Thread(() -> {});
}
