package io.prova.postgres.connection;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The connection parameters of libpq that Prova passes on, with their environment variables and,
/// where the Java driver has it, the property they become. Source: PostgreSQL's manual, "Parameter
/// Key Words" and "Environment Variables" of libpq.
enum Parameter {
  HOST("host", "PGHOST", null),
  HOSTADDR("hostaddr", "PGHOSTADDR", null),
  PORT("port", "PGPORT", null),
  DBNAME("dbname", "PGDATABASE", null),
  USER("user", "PGUSER", null),
  PASSWORD("password", "PGPASSWORD", null),
  PASSFILE("passfile", "PGPASSFILE", null),
  SERVICE("service", "PGSERVICE", null),
  APPLICATION_NAME("application_name", "PGAPPNAME", "ApplicationName"),
  CONNECT_TIMEOUT("connect_timeout", "PGCONNECT_TIMEOUT", "connectTimeout"),
  OPTIONS("options", "PGOPTIONS", "options"),
  SSLMODE("sslmode", "PGSSLMODE", "sslmode"),
  SSLNEGOTIATION("sslnegotiation", "PGSSLNEGOTIATION", "sslNegotiation"),
  SSLCERT("sslcert", "PGSSLCERT", "sslcert"),
  SSLKEY("sslkey", "PGSSLKEY", "sslkey"),
  SSLROOTCERT("sslrootcert", "PGSSLROOTCERT", "sslrootcert"),
  SSLCRL("sslcrl", "PGSSLCRL", null),
  SSL_MIN_PROTOCOL_VERSION("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", null),
  REQUIREPEER("requirepeer", "PGREQUIREPEER", null),
  CHANNEL_BINDING("channel_binding", "PGCHANNELBINDING", "channelBinding"),
  GSSENCMODE("gssencmode", "PGGSSENCMODE", "gssEncMode"),
  KRBSRVNAME("krbsrvname", "PGKRBSRVNAME", "kerberosServerName"),
  REQUIRE_AUTH("require_auth", "PGREQUIREAUTH", "requireAuth"),
  TARGET_SESSION_ATTRS("target_session_attrs", "PGTARGETSESSIONATTRS", "targetServerType"),
  LOAD_BALANCE_HOSTS("load_balance_hosts", "PGLOADBALANCEHOSTS", "loadBalanceHosts");

  private final String keyword;
  private final String variable;
  private final @Nullable String property;

  Parameter(String keyword, String variable, @Nullable String property) {
    this.keyword = keyword;
    this.variable = variable;
    this.property = property;
  }

  String keyword() {
    return keyword;
  }

  String variable() {
    return variable;
  }

  Optional<String> property() {
    return Optional.ofNullable(property);
  }

  static Optional<Parameter> ofKeyword(String keyword) {
    return Arrays.stream(values()).filter(each -> each.keyword.equals(keyword)).findFirst();
  }

  static List<String> keywords() {
    return Arrays.stream(values()).map(Parameter::keyword).toList();
  }
}
