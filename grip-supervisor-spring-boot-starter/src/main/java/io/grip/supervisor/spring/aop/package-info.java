/**
 * {@link io.grip.supervisor.spring.Supervised} on the methods of beans: the advisor that finds them, the record of each
 * that is resolved once, one way of calling for each kind of return type, the fallbacks, and the check at start that no
 * annotation is silently ignored. A feature package: it knows the core and the root package and none of its neighbours;
 * {@code autoconfigure} makes its beans.
 */
@NullMarked
package io.grip.supervisor.spring.aop;

import org.jspecify.annotations.NullMarked;
