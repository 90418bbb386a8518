package io.grip.supervisor.spring.autoconfigure;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Which known word a misspelt one may have been. */
final class Nearest {

    private Nearest() {}

    /** The known word with the smallest edit distance; empty if none is known. */
    static Optional<String> to(String word, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String candidate) -> distance(word, candidate))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** The nearest known word if it looks like a slip of the keyboard: a third of the letters differ at most. */
    static Optional<String> slipOf(String word, Collection<String> known) {
        return to(word, known)
                .filter(candidate -> distance(word, candidate) * 3 <= Math.max(word.length(), candidate.length()));
    }

    /** The Levenshtein distance, two rows at a time. */
    private static int distance(String left, String right) {
        int[] above = new int[right.length() + 1];
        for (int column = 0; column < above.length; column++) {
            above[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            int[] current = new int[above.length];
            current[0] = row;
            for (int column = 1; column < current.length; column++) {
                int replaced = above[column - 1] + (left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, 1 + Math.min(above[column], current[column - 1]));
            }
            above = current;
        }
        return above[right.length()];
    }
}
