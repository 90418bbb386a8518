package io.grip.sample.shop.gateway;

/** What can go wrong with one request to the gateway. */
enum Fault {

    /** Answered with 503, nothing charged. */
    UNAVAILABLE,

    /** Answered with 429 and {@code Retry-After}, nothing charged. */
    TOO_MANY_REQUESTS,

    /** The connection is reset before the request is looked at. */
    RESET,

    /** Accepted, and never answered. */
    HANG,

    /** Carried out, and answered with something that is no answer. */
    GARBAGE,

    /** Carried out, and the connection reset instead of an answer. */
    LOST_ANSWER
}
