@NullMarked
package io.grip.supervisor.spring.architecture.planted.nullmarkedpackages.spring;

import org.jspecify.annotations.NullMarked;
