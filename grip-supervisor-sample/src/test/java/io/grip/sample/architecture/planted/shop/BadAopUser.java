package io.grip.sample.architecture.planted.shop;

import io.grip.sample.architecture.planted.spring.aop.Hidden;

final class BadAopUser {
    Hidden hidden;
}
