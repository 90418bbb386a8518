package io.grip.supervisor.execution;

import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.ThreadSlot;

/** Finds the context of the supervised code on the calling thread. */
final class CurrentContext {

    private CurrentContext() {}

    static ExecutionContext get() {
        Frame top = ThreadSlot.current().top();
        return top == null ? BackgroundContext.INSTANCE : (ExecutionContext) top.context();
    }
}
