package io.grip.supervisor.architecture.planted.hiddentypesstayhidden.execution;

import io.grip.supervisor.architecture.planted.hiddentypesstayhidden.engine.Hidden;
import java.util.List;
import java.util.function.Supplier;

public final class Api {
    public static final class BadReturn {
        public Supplier<List<Hidden>> shows() {
            return List::of;
        }
    }

    public static final class BadParameter {
        public void shows(Hidden[] hidden) {}
    }

    public static final class BadConstructor {
        public BadConstructor(Hidden hidden) {}
    }

    public static final class BadThrows {
        public void shows() throws Hidden {}
    }

    public static class BadField {
        protected Hidden shows;
    }

    public static class BadSuperclass extends Hidden {
        private static final long serialVersionUID = 1;
    }

    public interface BadInterface extends Supplier<Hidden> {}

    public interface BadBound<T extends Hidden> {}

    public static final class BadMethodBound {
        public <T extends Hidden> void shows() {}
    }

    public static final class GoodInside {
        private final Hidden hidden = new Hidden();

        Hidden forNeighbours() {
            return hidden;
        }
    }

    static final class GoodUnseen {
        public Hidden shows() {
            return new Hidden();
        }

        public static final class GoodNested {
            public Hidden shows() {
                return new Hidden();
            }
        }
    }
}
