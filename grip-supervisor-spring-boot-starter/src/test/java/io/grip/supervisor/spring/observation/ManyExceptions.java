package io.grip.supervisor.spring.observation;

import java.util.List;
import java.util.stream.Stream;

/** Exceptions that all have different names. */
final class ManyExceptions {

    private ManyExceptions() {}

    static List<Exception> of(int count) {
        return Stream.<Exception>of(
                        new IllegalStateException(),
                        new IllegalArgumentException(),
                        new ArithmeticException(),
                        new ArrayStoreException(),
                        new ClassCastException(),
                        new IndexOutOfBoundsException(),
                        new NegativeArraySizeException(),
                        new NullPointerException(),
                        new NumberFormatException(),
                        new SecurityException(),
                        new UnsupportedOperationException(),
                        new StringIndexOutOfBoundsException(),
                        new ArrayIndexOutOfBoundsException(),
                        new ClassNotFoundException(),
                        new CloneNotSupportedException(),
                        new InstantiationException(),
                        new NoSuchFieldException(),
                        new NoSuchMethodException(),
                        new IllegalAccessException(),
                        new java.io.IOException(),
                        new java.io.EOFException(),
                        new java.io.FileNotFoundException())
                .limit(count)
                .toList();
    }
}
