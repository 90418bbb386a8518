package io.grip.supervisor.architecture.planted.arrowspointdown.execution;

import io.grip.supervisor.architecture.planted.arrowspointdown.util.BadPlaceless;

final class BadPlacelessNeighbour {
    BadPlaceless used;
}
