package io.prova.restore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The roles and tablespaces that `pg_dumpall --globals-only` wrote, statement by statement.
final class GlobalsScript {

  private static final String IDENTIFIER = "(\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";
  private static final Pattern CREATE_ROLE =
      Pattern.compile("CREATE ROLE " + IDENTIFIER + ".*", Pattern.DOTALL);
  private static final Pattern ALTER_ROLE =
      Pattern.compile("ALTER ROLE " + IDENTIFIER + ".*", Pattern.DOTALL);
  private static final Pattern COMMENT_ON_ROLE =
      Pattern.compile("COMMENT ON ROLE " + IDENTIFIER + ".*", Pattern.DOTALL);
  private static final Pattern GRANT_ROLE =
      Pattern.compile("GRANT " + IDENTIFIER + " TO " + IDENTIFIER + ".*", Pattern.DOTALL);
  private static final Pattern CREATE_TABLESPACE =
      Pattern.compile(
          "CREATE TABLESPACE " + IDENTIFIER + " OWNER " + IDENTIFIER + " LOCATION '(.*)'",
          Pattern.DOTALL);

  private static final Pattern OTHERS =
      Pattern.compile(
          "((ALTER|COMMENT ON) TABLESPACE |(GRANT|REVOKE) .+ ON (TABLESPACE|PARAMETER) ).*",
          Pattern.DOTALL);

  private final List<String> statements;

  private GlobalsScript(List<String> statements) {
    this.statements = statements;
  }

  static GlobalsScript parse(String script) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    boolean inLiteral = false;
    boolean inIdentifier = false;
    for (String line : script.split("\n", -1)) {
      boolean between = statement.isEmpty();
      if (between && (line.isBlank() || line.startsWith("--") || line.startsWith("\\"))) {
        continue; // comments, and psql's \restrict
      }
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        inLiteral ^= c == '\'' && !inIdentifier;
        inIdentifier ^= c == '"' && !inLiteral;
        if (c == ';' && !inLiteral && !inIdentifier) {
          statements.add(statement.toString().strip());
          statement.setLength(0);
        } else {
          statement.append(c);
        }
      }
      if (!statement.isEmpty()) {
        statement.append('\n');
      }
    }
    return new GlobalsScript(List.copyOf(statements));
  }

  Set<String> roles() {
    Set<String> roles = new TreeSet<>();
    statements.forEach(statement -> name(CREATE_ROLE, statement).ifPresent(roles::add));
    return roles;
  }

  Set<String> tablespaces() {
    return tablespaceLocations().keySet();
  }

  /// Where each tablespace was, by its name; those inside the data directory are left out.
  Map<String, Path> tablespaceLocations() {
    Map<String, Path> locations = new TreeMap<>();
    for (String statement : statements) {
      Matcher matcher = CREATE_TABLESPACE.matcher(statement);
      if (matcher.matches() && matcher.group(3).startsWith("/")) {
        locations.put(unquote(matcher.group(1)), Path.of(matcher.group(3).replace("''", "'")));
      }
    }
    return locations;
  }

  /// What is not of roles and does not create tablespaces: their options, owners, grants and
  /// comments, and grants of parameters.
  List<String> others() {
    List<String> others = new ArrayList<>();
    for (String statement : statements) {
      Matcher created = CREATE_TABLESPACE.matcher(statement);
      if (created.matches() && created.group(3).startsWith("/")) {
        others.add("ALTER TABLESPACE %s OWNER TO %s".formatted(created.group(1), created.group(2)));
      } else if (OTHERS.matcher(statement).matches()) {
        others.add(statement);
      }
    }
    return others;
  }

  /// What gives these roles, which exist, their properties and memberships.
  List<String> alterRoles(Set<String> existing) {
    return createRoles(existing).stream()
        .filter(statement -> !CREATE_ROLE.matcher(statement).matches())
        .toList();
  }

  /// What creates these roles with their properties and memberships, in the order that works. Roles
  /// that exist already are left as they are.
  List<String> createRoles(Set<String> wanted) {
    List<String> chosen = new ArrayList<>();
    for (String statement : statements) {
      boolean ofWanted =
          name(CREATE_ROLE, statement)
              .or(() -> name(ALTER_ROLE, statement))
              .or(() -> name(COMMENT_ON_ROLE, statement))
              .filter(wanted::contains)
              .isPresent();
      Matcher grant = GRANT_ROLE.matcher(statement);
      boolean grantToWanted =
          grant.matches()
              && (wanted.contains(unquote(grant.group(1)))
                  || wanted.contains(unquote(grant.group(2))));
      if (ofWanted || grantToWanted) {
        chosen.add(statement);
      }
    }
    return chosen;
  }

  /// What creates a tablespace, as it was.
  Optional<String> createTablespace(String tablespace) {
    return statements.stream()
        .filter(
            statement -> name(CREATE_TABLESPACE, statement).filter(tablespace::equals).isPresent())
        .findFirst();
  }

  private static Optional<String> name(Pattern pattern, String statement) {
    Matcher matcher = pattern.matcher(statement);
    return matcher.matches() ? Optional.of(unquote(matcher.group(1))) : Optional.empty();
  }

  private static String unquote(String identifier) {
    return identifier.startsWith("\"")
        ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
        : identifier;
  }
}
