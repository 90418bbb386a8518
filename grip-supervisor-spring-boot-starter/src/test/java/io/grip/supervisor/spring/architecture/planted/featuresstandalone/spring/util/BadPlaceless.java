package io.grip.supervisor.spring.architecture.planted.featuresstandalone.spring.util;

final class BadPlaceless {}
