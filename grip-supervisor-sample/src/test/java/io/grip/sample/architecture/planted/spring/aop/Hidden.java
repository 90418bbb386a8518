package io.grip.sample.architecture.planted.spring.aop;

public final class Hidden {}
