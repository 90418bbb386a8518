package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;

/** Has the name of a class in another package. */
public class SupervisedElsewhere {

    @Supervised
    public void pay() {}
}
