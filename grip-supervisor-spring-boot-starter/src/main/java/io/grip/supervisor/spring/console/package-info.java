/**
 * The console: one page below Actuator's base path that shows what the endpoint {@code supervisors} says, and steers by
 * it. Knows nothing of supervisors itself; everything on the page is read from that endpoint by the browser.
 */
@NullMarked
package io.grip.supervisor.spring.console;

import org.jspecify.annotations.NullMarked;
