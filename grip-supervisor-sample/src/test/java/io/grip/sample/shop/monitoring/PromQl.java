package io.grip.sample.shop.monitoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PromQL expression names: metrics, with the labels that are asked of each, and labels that it groups or joins by.
 * It knows as much of the language as that takes.
 */
final class PromQl {

    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset", "inf", "nan");
    private static final Set<String> LABEL_LISTS =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");

    /** A string, a range, a number or duration, a name, or one character. */
    private static final Pattern TOKEN = Pattern.compile(
            "\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|\\[[^]]*]|\\d[\\w.]*|[a-zA-Z_:][\\w:]*|!=|=~|!~|\\S");

    /**
     * What is asked of a label.
     *
     * @param operator one of = != =~ !~
     */
    record Matched(String label, String operator, String value) {}

    /**
     * A metric, as often as it is named.
     *
     * @param name without what PromQL puts around it
     */
    record Selector(String name, List<Matched> matched) {}

    final List<Selector> selectors = new ArrayList<>();
    final Set<String> labels = new LinkedHashSet<>();

    private final List<String> tokens = new ArrayList<>();
    private int at;

    private PromQl(String expression) {
        for (Matcher matcher = TOKEN.matcher(expression); matcher.find(); ) {
            tokens.add(matcher.group());
        }
    }

    static PromQl parse(String expression) {
        PromQl parsed = new PromQl(expression);
        while (parsed.at < parsed.tokens.size()) {
            parsed.next();
        }
        return parsed;
    }

    private void next() {
        String token = tokens.get(at++);
        if (!isName(token) || WORDS.contains(token)) {
            return;
        }
        if (LABEL_LISTS.contains(token) && peek("(")) {
            readLabelList();
        } else if (!peek("(") && !isFollowedByLabelList()) {
            selectors.add(new Selector(token, peek("{") ? readMatchers() : List.of()));
        }
    }

    /** An aggregation: {@code sum by (label) (...)}. */
    private boolean isFollowedByLabelList() {
        return at < tokens.size() && Set.of("by", "without").contains(tokens.get(at));
    }

    private void readLabelList() {
        for (at++; !peek(")"); at++) {
            if (isName(tokens.get(at))) {
                labels.add(tokens.get(at));
            }
        }
    }

    private List<Matched> readMatchers() {
        List<Matched> matched = new ArrayList<>();
        for (at++; !peek("}"); at++) {
            if (isName(tokens.get(at))) {
                String value = tokens.get(at + 2);
                matched.add(new Matched(tokens.get(at), tokens.get(at + 1), value.substring(1, value.length() - 1)));
                at += 2;
            }
        }
        return matched;
    }

    private boolean peek(String token) {
        if (at >= tokens.size()) {
            if (token.equals("}") || token.equals(")")) {
                throw new IllegalArgumentException("'" + token + "' is missing in " + String.join(" ", tokens));
            }
            return false;
        }
        return tokens.get(at).equals(token);
    }

    private static boolean isName(String token) {
        return Character.isLetter(token.charAt(0)) || token.charAt(0) == '_';
    }

    /** The samples of a scrape, by metric: the labels of each. */
    static Map<String, List<Map<String, String>>> samplesOf(String scrape) {
        Map<String, List<Map<String, String>>> samples = new LinkedHashMap<>();
        Pattern sample = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+$", Pattern.MULTILINE);
        Pattern label = Pattern.compile("(\\w+)=\"((?:\\\\.|[^\"\\\\])*)\"");
        for (Matcher line = sample.matcher(scrape); line.find(); ) {
            Map<String, String> labels = new LinkedHashMap<>();
            if (line.group(2) != null) {
                for (Matcher pair = label.matcher(line.group(2)); pair.find(); ) {
                    labels.put(pair.group(1), pair.group(2));
                }
            }
            samples.computeIfAbsent(line.group(1), name -> new ArrayList<>()).add(labels);
        }
        return samples;
    }
}
