package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring;

public final class Used {}
