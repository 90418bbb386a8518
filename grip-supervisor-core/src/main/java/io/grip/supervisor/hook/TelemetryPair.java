package io.grip.supervisor.hook;

import io.grip.supervisor.execution.FailureKind;
import org.jspecify.annotations.Nullable;

/** Two that record the same: what the first throws does not keep the second from recording. */
record TelemetryPair(Telemetry first, Telemetry second) implements Telemetry {

    static Telemetry of(Telemetry first, Telemetry second) {
        if (first == Telemetry.none()) {
            return second;
        }
        return second == Telemetry.none() ? first : new TelemetryPair(first, second);
    }

    @Override
    public void execution(FailureKind kind, @Nullable Throwable cause, long nanos) {
        try {
            first.execution(kind, cause, nanos);
        } finally {
            second.execution(kind, cause, nanos);
        }
    }

    @Override
    public void attempt(AttemptOutcome outcome, long nanos) {
        try {
            first.attempt(outcome, nanos);
        } finally {
            second.attempt(outcome, nanos);
        }
    }

    @Override
    public void backoff(long nanos) {
        try {
            first.backoff(nanos);
        } finally {
            second.backoff(nanos);
        }
    }

    @Override
    public void admissionWait(long nanos) {
        try {
            first.admissionWait(nanos);
        } finally {
            second.admissionWait(nanos);
        }
    }

    @Override
    public void retry() {
        try {
            first.retry();
        } finally {
            second.retry();
        }
    }

    @Override
    public void retryRefused() {
        try {
            first.retryRefused();
        } finally {
            second.retryRefused();
        }
    }

    @Override
    public void restart() {
        try {
            first.restart();
        } finally {
            second.restart();
        }
    }

    @Override
    public void giveUp() {
        try {
            first.giveUp();
        } finally {
            second.giveUp();
        }
    }

    @Override
    public void escalation() {
        try {
            first.escalation();
        } finally {
            second.escalation();
        }
    }

    @Override
    public void rejection() {
        try {
            first.rejection();
        } finally {
            second.rejection();
        }
    }

    @Override
    public void hookError() {
        try {
            first.hookError();
        } finally {
            second.hookError();
        }
    }

    @Override
    public void lateResult() {
        try {
            first.lateResult();
        } finally {
            second.lateResult();
        }
    }

    @Override
    public void policyChanged() {
        try {
            first.policyChanged();
        } finally {
            second.policyChanged();
        }
    }

    @Override
    public void closed() {
        try {
            first.closed();
        } finally {
            second.closed();
        }
    }
}
