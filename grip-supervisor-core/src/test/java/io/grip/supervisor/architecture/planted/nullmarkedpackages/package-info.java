@NullMarked
package io.grip.supervisor.architecture.planted.nullmarkedpackages;

import org.jspecify.annotations.NullMarked;
