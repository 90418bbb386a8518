/**
 * The architecture of the sample, as a rule a machine checks. What is under {@code planted} breaks it on purpose, is
 * never run, and proves that the rule can fail.
 */
package io.grip.sample.architecture;
