package io.grip.supervisor.spring.architecture.planted.coreapionly.engine;

public final class Hidden {}
