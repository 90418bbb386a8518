package io.grip.supervisor.thread;

import io.grip.supervisor.time.TimeSource;

/** Something that goes by a clock of its own; contexts of the library do. */
public interface Timed {

    /** The clock. */
    TimeSource time();
}
