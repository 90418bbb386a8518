package io.grip.sample.architecture.planted.engine;

public final class Hidden {}
