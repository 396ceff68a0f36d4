package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RowFilterTest {

  static Stream<Arguments> messages() {
    return Stream.of(
        Arguments.of(
            "ERROR:  duplicate key value violates unique constraint \"people_pkey\"\n"
                + "DETAIL:  Key (cpf)=(11122233344) already exists.",
            "ERROR:  duplicate key value violates unique constraint \"people_pkey\"\nDETAIL:  …"),
        Arguments.of(
            "psql:dump.sql:41: ERROR:  invalid input syntax for type integer: \"Maria\"\n"
                + "CONTEXT:  COPY people, line 7, column age: \"Maria\"",
            "psql:dump.sql:41: ERROR:  invalid input syntax for type integer: \"…\"\n"
                + "CONTEXT:  COPY people, line 7, column age …"),
        Arguments.of(
            """
            ERROR:  missing data for column "b"
            CONTEXT:  COPY t, line 1: "Maria
            da Silva"
            HINT:  look\
            """,
            "ERROR:  missing data for column \"b\"\nCONTEXT:  COPY t, line 1 …\nHINT:  look"),
        Arguments.of(
            """
            pg_restore: error: could not execute query: ERROR:  value "99999999999" is out of range for type integer
            Command was: INSERT INTO t VALUES (99999999999,
             'Maria');
            pg_restore: warning: errors ignored on restore: 1\
            """,
            """
            pg_restore: error: could not execute query: ERROR:  value "…" is out of range for type integer
            Command was: …
            pg_restore: warning: errors ignored on restore: 1\
            """),
        Arguments.of(
            "2026-11-22 02:00:01.000 UTC [77] STATEMENT:  UPDATE t SET name = 'Maria'",
            "2026-11-22 02:00:01.000 UTC [77] STATEMENT:  …"),
        Arguments.of(
            "pg_dump: error: query failed: ERROR:  permission denied / pg_dump: detail: Query was: SELECT 'Maria' / pg_dump: hint: ask",
            "pg_dump: error: query failed: ERROR:  permission denied / pg_dump: detail: … / pg_dump: hint: ask"),
        Arguments.of(
            "ERRO:  a nova linha viola a restrição\nDETALHE:  Registro com falha contém (1, Maria).",
            "ERRO:  a nova linha viola a restrição\nDETALHE:  …"),
        Arguments.of(
            "ERROR:  syntax error at or near \"Maria\"", "ERROR:  syntax error at or near \"…\""),
        Arguments.of("invalid command \\Maria", "invalid command \\…"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void valuesAreLeftOutAndTheRestStays(String said, String told) {
    assertThat(RowFilter.withoutRows(said)).isEqualTo(told).doesNotContain("Maria");
  }

  @Test
  void whatHoldsNoRowsStaysAsItIs() {
    String text =
        """
        pg_dump: error: connection to server on socket "/run/.s.PGSQL.5432" failed: FATAL:  database "x" does not exist
        pg_basebackup: error: "x" is not a directory
        could not write to file "base/1/2": No space left on device\
        """;
    assertThat(RowFilter.withoutRows(text)).isEqualTo(text);
  }
}
