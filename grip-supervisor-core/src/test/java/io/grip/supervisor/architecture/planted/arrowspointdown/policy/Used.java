package io.grip.supervisor.architecture.planted.arrowspointdown.policy;

public final class Used {}
