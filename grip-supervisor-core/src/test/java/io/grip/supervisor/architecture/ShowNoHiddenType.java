package io.grip.supervisor.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.JavaTypeVariable;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** No type of a hidden package appears in what a user can see of a public type of the other packages. */
final class ShowNoHiddenType extends ArchCondition<JavaClass> {
    private final PackageTable table;

    ShowNoHiddenType(PackageTable table) {
        super("show no hidden type");
        this.table = table;
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (!isVisible(type) || table.isHidden(type)) {
            return;
        }
        report(type.getFullName(), headOf(type), events);
        Stream.concat(type.getFields().stream(), type.getCodeUnits().stream())
                .filter(member -> isVisible(member.getModifiers()))
                .forEach(member -> report(member.getFullName(), signatureOf(member), events));
    }

    private void report(String where, Stream<? extends JavaType> shown, ConditionEvents events) {
        shown.flatMap(shownType -> shownType.getAllInvolvedRawTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .filter(table::isHidden)
                .distinct()
                .forEach(hidden -> events.add(
                        SimpleConditionEvent.violated(hidden, where + " shows the hidden type " + hidden.getName())));
    }

    private static Stream<JavaType> headOf(JavaClass type) {
        return Stream.of(
                        type.getSuperclass().stream(),
                        type.getInterfaces().stream(),
                        boundsOf(type.getTypeParameters()))
                .flatMap(types -> types);
    }

    private static Stream<? extends JavaType> signatureOf(JavaMember member) {
        if (member instanceof JavaCodeUnit codeUnit) {
            return Stream.of(
                            Stream.of(codeUnit.getReturnType()),
                            codeUnit.getParameterTypes().stream(),
                            codeUnit.getExceptionTypes().stream(),
                            boundsOf(codeUnit.getTypeParameters()))
                    .flatMap(types -> types);
        }
        return Stream.of(((JavaField) member).getType());
    }

    private static Stream<JavaType> boundsOf(List<? extends JavaTypeVariable<?>> parameters) {
        return parameters.stream().flatMap(parameter -> parameter.getUpperBounds().stream());
    }

    private static boolean isVisible(JavaClass type) {
        return isVisible(type.getModifiers())
                && type.getEnclosingClass().map(ShowNoHiddenType::isVisible).orElse(true);
    }

    private static boolean isVisible(Collection<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }
}
