package io.grip.supervisor.spring.architecture.planted.nullmarkedpackages.spring.unmarked;

final class BadUnmarked {}
