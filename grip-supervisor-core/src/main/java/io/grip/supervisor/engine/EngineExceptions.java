package io.grip.supervisor.engine;

import org.jspecify.annotations.Nullable;

/** Makes the exceptions that say how the engine ended an execution, with the numbers that belong into them. */
interface EngineExceptions {

    Throwable cancelled(@Nullable Throwable last);

    Throwable shutdown(@Nullable Throwable last);

    Throwable deadlineExceeded(@Nullable Throwable last);

    Throwable attemptTimeout(@Nullable Throwable last);
}
