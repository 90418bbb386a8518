package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.autoconfigure;

public final class Wiring {}
