package io.grip.supervisor.architecture.planted.threadsonlyfromtimeandthread.thread;

public class Worker extends Thread {}
