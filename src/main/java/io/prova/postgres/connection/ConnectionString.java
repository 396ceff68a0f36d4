package io.prova.postgres.connection;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The two forms of libpq's connection strings: `postgresql://user@host:5433/db?sslmode=require`
/// and `host=/run/postgresql user='a b'`.
public final class ConnectionString {

  private ConnectionString() {}

  /// The keywords that may stand in one.
  public static List<String> keywords() {
    return Parameter.keywords();
  }

  /// @return keyword to value, in the order written; several hosts stay one value, separated by
  ///   commas
  /// @throws IllegalArgumentException saying what is malformed; the text itself is not repeated,
  ///   since it may hold a password
  public static Map<String, String> parse(String text) {
    return text.startsWith("postgresql://") || text.startsWith("postgres://")
        ? parseUri(text)
        : parseKeywords(text);
  }

  private static Map<String, String> parseUri(String uri) {
    Map<String, String> found = new LinkedHashMap<>();
    String rest = uri.substring(uri.indexOf("://") + 3);
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    rest = question < 0 ? rest : rest.substring(0, question);
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    String database = slash < 0 ? "" : rest.substring(slash + 1);

    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      String login = authority.substring(0, at);
      int colon = login.indexOf(':');
      putDecoded(found, Parameter.USER, colon < 0 ? login : login.substring(0, colon));
      if (colon >= 0) {
        found.put(Parameter.PASSWORD.keyword(), decode(login.substring(colon + 1)));
      }
    }
    addHosts(found, authority.substring(at + 1));
    putDecoded(found, Parameter.DBNAME, database);
    for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("connection URI has a parameter without \"=\"");
      }
      found.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
    }
    return found;
  }

  private static void addHosts(Map<String, String> found, String list) {
    List<String> hosts = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (String each : list.split(",", -1)) {
      int bracket = each.indexOf(']');
      if (each.startsWith("[") && bracket < 0) {
        throw new IllegalArgumentException("connection URI has an IPv6 address without \"]\"");
      }
      int colon = each.indexOf(':', Math.max(bracket, 0));
      String host = colon < 0 ? each : each.substring(0, colon);
      hosts.add(decode(bracket > 0 ? host.substring(1, bracket) : host));
      ports.add(colon < 0 ? "" : each.substring(colon + 1));
    }
    if (!hosts.stream().allMatch(String::isEmpty)) {
      found.put(Parameter.HOST.keyword(), String.join(",", hosts));
    }
    if (!ports.stream().allMatch(String::isEmpty)) {
      found.put(Parameter.PORT.keyword(), String.join(",", ports));
    }
  }

  private static void putDecoded(Map<String, String> found, Parameter parameter, String encoded) {
    if (!encoded.isEmpty()) {
      found.put(parameter.keyword(), decode(encoded));
    }
  }

  private static String decode(String encoded) {
    // URLDecoder would make a space of "+", which a connection URI does not.
    try {
      return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Without its message, which repeats what follows the "%".
      throw new IllegalArgumentException("connection URI has a \"%\" without two digits after it");
    }
  }

  private static Map<String, String> parseKeywords(String text) {
    Map<String, String> found = new LinkedHashMap<>();
    int at = skipSpace(text, 0);
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        throw new IllegalArgumentException("connection string has a word without \"=\"");
      }
      String keyword = text.substring(at, equals).strip();
      StringBuilder value = new StringBuilder();
      at = readValue(text, skipSpace(text, equals + 1), value);
      found.put(keyword, value.toString());
      at = skipSpace(text, at);
    }
    return found;
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /// Reads one value, quoted or not, into `value`; returns where it ends.
  private static int readValue(String text, int from, StringBuilder value) {
    boolean quoted = from < text.length() && text.charAt(from) == '\'';
    int at = quoted ? from + 1 : from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (quoted ? c == '\'' : Character.isWhitespace(c)) {
        return quoted ? at + 1 : at;
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
        c = text.charAt(at);
      }
      value.append(c);
      at++;
    }
    if (quoted) {
      throw new IllegalArgumentException("connection string has an unterminated quoted value");
    }
    return at;
  }
}
