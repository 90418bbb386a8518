package io.grip.supervisor.spring.architecture.planted.coreapionly.execution;

public final class Task {}
