package io.grip.sample.architecture.planted.spring.event;

public final class Shown {}
