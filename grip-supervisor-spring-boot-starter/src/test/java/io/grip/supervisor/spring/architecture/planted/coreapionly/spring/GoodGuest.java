package io.grip.supervisor.spring.architecture.planted.coreapionly.spring;

import io.grip.supervisor.spring.architecture.planted.coreapionly.execution.Task;

final class GoodGuest {
    Task task;
}
