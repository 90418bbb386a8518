package io.grip.supervisor.architecture.planted.nullmarkedpackages.unmarked;

final class BadUnmarked {}
