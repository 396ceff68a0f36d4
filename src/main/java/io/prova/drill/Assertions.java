package io.prova.drill;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.drill.DrillCheck.Outcome;
import io.prova.drill.DrillOptions.Assertion;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.restore.RestoredServer;
import java.util.ArrayList;
import java.util.List;

/// The user's own checks of the restored data.
final class Assertions {

  private Assertions() {}

  static List<DrillCheck> run(List<Assertion> assertions, RestoredServer restored) {
    List<DrillCheck> checks = new ArrayList<>();
    for (Assertion assertion : assertions) {
      Message name =
          message("assertion \"{0}\" in database {1}", assertion.name(), assertion.database());
      try (PgSession session = PgSession.connect(restored.connection(assertion.database()))) {
        session.execute("SET default_transaction_read_only = on");
        List<String> values =
            session.query(assertion.sql(), row -> String.valueOf(row.getString(1)));
        boolean holds =
            !values.isEmpty()
                && values.stream().allMatch(value -> value.equals("t") || value.equals("true"));
        checks.add(
            holds
                ? new DrillCheck(name, Outcome.PASSED, message("holds"), List.of())
                // The values are the user's data, and stay out of reports.
                : new DrillCheck(
                    name,
                    Outcome.FAILED,
                    message("does not hold: {0} {0|row|rows}, not all true", values.size()),
                    List.of()));
      } catch (SqlFailed e) {
        checks.add(
            new DrillCheck(
                name, Outcome.FAILED, message("{0}", String.valueOf(e.getMessage())), List.of()));
      } catch (OperationFailed e) {
        checks.add(new DrillCheck(name, Outcome.FAILED, e.problem(), List.of()));
      }
    }
    return checks;
  }
}
