package io.grip.sample.shop.audit;

import java.time.OffsetDateTime;

/** @param detail the failure: its kind, its type and how many attempts it took */
record AuditEntry(OffsetDateTime at, String supervisor, String detail) {}
