package io.grip.supervisor.hook;

import java.util.List;

/** Hooks that do nothing, as one object, so that the engine can tell that there is nothing to call. */
final class NoHooks implements Hooks {

    static final NoHooks INSTANCE = new NoHooks();

    private NoHooks() {}

    @Override
    public Interest interest() {
        return Interest.NOTHING;
    }

    @Override
    public Hooks andThen(Hooks next) {
        return next;
    }

    @Override
    public List<Hooks> parts() {
        return List.of();
    }
}
