package io.grip.supervisor.spring.aop;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;
import org.springframework.core.NativeDetector;
import org.springframework.util.ClassUtils;

/**
 * Finds calls that an object makes on itself, past its proxy, in the file of its class: a method of the class that calls a
 * supervised one, or makes a reference to it, and holds nothing but {@code this} to call it on. One that also gets hold
 * of another object of the class - its own proxy, injected, say - is given the benefit of the doubt.
 */
final class SelfInvocations {

    private SelfInvocations() {}

    /** Such calls, as {@code refund calls charge}; none where there is no class file to read. */
    static Set<String> in(Class<?> targetClass, List<SupervisedMethod> supervised) {
        Set<String> found = new TreeSet<>();
        if (supervised.isEmpty() || NativeDetector.inNativeImage()) {
            return found;
        }
        Set<String> targets = supervised.stream()
                .map(SupervisedMethod::method)
                .map(method -> method.getName() + Type.getMethodDescriptor(method))
                .collect(Collectors.toSet());
        for (Class<?> type = targetClass; type != null && type != Object.class; type = type.getSuperclass()) {
            read(type, targets, found);
        }
        return found;
    }

    private static void read(Class<?> type, Set<String> targets, Set<String> found) {
        try (InputStream file = type.getResourceAsStream(ClassUtils.getClassFileName(type))) {
            if (file != null) {
                new ClassReader(file).accept(new Calls(type, targets, found), ClassReader.SKIP_DEBUG);
            }
        } catch (IOException | IllegalArgumentException unreadable) {
            // Not readable, or written for a newer JVM than this ASM knows: nothing can be seen, so nothing is said.
        }
    }

    /** The methods of the class. */
    private static final class Calls extends ClassVisitor {

        private final Class<?> type;
        private final Set<String> targets;
        private final Set<String> found;

        Calls(Class<?> type, Set<String> targets, Set<String> found) {
            super(SpringAsmInfo.ASM_VERSION);
            this.type = type;
            this.targets = targets;
            this.found = found;
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            boolean holdsThisOnly = (access & (Opcodes.ACC_STATIC | Opcodes.ACC_BRIDGE)) == 0
                    && !descriptor.contains(Type.getDescriptor(type));
            return holdsThisOnly ? new Body(Type.getInternalName(type), name, targets, found) : null;
        }
    }

    /** One method: what it calls on objects of its own class, and whether one of them may be another than {@code this}. */
    private static final class Body extends MethodVisitor {

        private final String owner;
        private final String name;
        private final Set<String> targets;
        private final Set<String> found;
        private final Set<String> called = new TreeSet<>();
        private boolean holdsAnother;

        Body(String owner, String name, Set<String> targets, Set<String> found) {
            super(SpringAsmInfo.ASM_VERSION);
            this.owner = owner;
            this.name = name;
            this.targets = targets;
            this.found = found;
        }

        @Override
        public void visitMethodInsn(
                int opcode, String calledOn, String method, String descriptor, boolean isInterface) {
            note(calledOn, method, descriptor);
            holdsAnother |= Type.getReturnType(descriptor).getDescriptor().equals("L" + owner + ";");
        }

        @Override
        public void visitInvokeDynamicInsn(String method, String descriptor, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle reference) {
                    note(reference.getOwner(), reference.getName(), reference.getDesc());
                }
            }
        }

        @Override
        public void visitFieldInsn(int opcode, String fieldOwner, String field, String descriptor) {
            holdsAnother |= descriptor.equals("L" + owner + ";");
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            holdsAnother |= type.equals(owner);
        }

        @Override
        public void visitEnd() {
            if (!holdsAnother) {
                called.forEach(method -> found.add(caller() + " calls " + method));
            }
        }

        private void note(String calledOn, String method, String descriptor) {
            if (calledOn.equals(owner) && targets.contains(method + descriptor)) {
                called.add(method);
            }
        }

        /** The body of a lambda is a method of its own, named after the one around it. */
        private String caller() {
            return name.startsWith("lambda$") ? name.substring(7, name.lastIndexOf('$')) : name;
        }
    }
}
