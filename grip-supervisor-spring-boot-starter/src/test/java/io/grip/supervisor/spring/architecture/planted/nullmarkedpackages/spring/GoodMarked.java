package io.grip.supervisor.spring.architecture.planted.nullmarkedpackages.spring;

final class GoodMarked {}
