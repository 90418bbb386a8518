package io.grip.sample.architecture.planted.shop;

import io.grip.sample.architecture.planted.engine.Hidden;

final class BadEngineUser {
    Hidden hidden;
}
