/**
 * The architecture of the starter, as rules a machine checks. What is under {@code planted} breaks them on purpose, is
 * never run, and proves that each rule can fail.
 */
package io.grip.supervisor.spring.architecture;
