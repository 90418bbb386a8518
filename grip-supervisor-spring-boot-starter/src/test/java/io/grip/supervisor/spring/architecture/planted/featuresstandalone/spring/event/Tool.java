package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.event;

public final class Tool {}
