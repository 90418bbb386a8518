package io.grip.sample.architecture.planted.shop;

import io.grip.sample.architecture.planted.spring.event.Shown;

final class GoodUser {
    Shown shown;
}
