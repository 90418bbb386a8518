package io.grip.supervisor.architecture.planted.nullmarkedpackages;

final class GoodMarked {}
