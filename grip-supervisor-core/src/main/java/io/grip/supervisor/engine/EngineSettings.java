package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is made of; each part means what the supervisor's builder says of it.
 *
 * @param name for messages, hooks and meters
 * @param policy what is decided by
 * @param runner what calls the tasks
 * @param hooks what users hear
 * @param telemetry what is measured, made of what can be read off the engine
 * @param tracing what follows each execution
 * @param time the clock
 * @param executor where asynchronous executions go on
 * @param carrier what is taken along to other threads
 * @param parent who hears of escalations, if anybody
 * @param grace how long a close waits before it interrupts
 * @param delayHint how long a throwable that says nothing itself asks to wait
 */
public record EngineSettings(
        String name,
        SupervisorPolicy policy,
        ExecutorRunner runner,
        Hooks hooks,
        Function<Telemetry.Readings, Telemetry> telemetry,
        Tracing tracing,
        TimeSource time,
        Executor executor,
        ContextCarrier carrier,
        @Nullable Engine parent,
        Duration grace,
        Function<Throwable, Optional<Duration>> delayHint) {}
