package io.grip.supervisor.architecture.planted.arrowspointdown.util;

public final class BadPlaceless {}
