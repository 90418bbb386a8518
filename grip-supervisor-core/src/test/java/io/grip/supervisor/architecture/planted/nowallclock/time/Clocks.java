package io.grip.supervisor.architecture.planted.nowallclock.time;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Date;
import java.util.function.LongSupplier;

final class Clocks {
    static final class BadMillis {
        long now = System.currentTimeMillis();
    }

    static final class BadMillisReference {
        LongSupplier now = System::currentTimeMillis;
    }

    static final class BadInstant {
        Instant now = Instant.now();
    }

    static final class BadLocalDate {
        LocalDate now = LocalDate.now();
    }

    static final class BadClock {
        Clock now = Clock.systemUTC();
    }

    static final class BadDate {
        Date now = new Date();
    }

    static final class GoodNanos {
        long now = System.nanoTime();
    }

    static final class GoodInstant {
        Instant epoch = Instant.ofEpochMilli(0);
    }
}
