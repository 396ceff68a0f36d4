package io.prova.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.TrashNote;
import io.prova.retention.RandomHistory.History;
import io.prova.retention.RetentionPlan.Decision;
import io.prova.testing.BackupBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What holds for every history of backups under every policy. `-Dseed=` repeats a run,
/// `-Dhistories=` says how many.
class RetentionPropertyTest {

  @Test
  void twentyThousandRandomHistories() {
    check(Integer.getInteger("histories", 20_000));
  }

  @Test
  @Tag("slow")
  void aMillionRandomHistories() {
    check(Integer.getInteger("histories", 1_000_000));
  }

  private static void check(int histories) {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed + " (repeat with -Dseed=" + seed + ")");
    Random random = new Random(seed);
    int held = 0;
    long left = 0;
    long kept = 0;
    for (int i = 0; i < histories; i++) {
      History history = RandomHistory.make(random);
      Map<BackupKind, RetentionPolicy> policies = policies(random);
      RetentionPlan plan = RetentionPlanner.plan(history.facts(), policies);
      try {
        everyBackupIsDecidedOnceAndEveryKeptOneHasAReason(history, plan);
        doubtRemovesNothing(history, plan);
        whatGoesIsWhatTheOracleLetsGo(history, policies, plan);
        theNewestProvenAndThePinnedStay(history, plan);
        aStricterPolicyKeepsNothingMore(history, policies, plan, random);
        applyingItAgainRemovesNothingMore(history, policies, plan);
        whatIsBroughtBackIsJudgedAsBefore(history, policies, plan);
        aFailedOrSuspiciousRunRemovesNothing(history, policies, random);
        theTrashIsEmptiedOnlyAfterItsWindow(history, policies, plan);
      } catch (AssertionError e) {
        throw new AssertionError(
            "history " + i + " of seed " + seed + "\n" + history + "\n" + policies, e);
      }
      held += plan.holds().isEmpty() ? 0 : 1;
      left += plan.leaving().size();
      kept += plan.kept().size();
    }
    System.out.println(
        histories
            + " histories, "
            + held
            + " held by doubt; "
            + left
            + " backups left, "
            + kept
            + " stayed");
    // Otherwise the laws above were tried on nothing.
    assertThat(left).isGreaterThan(histories);
    assertThat(held).isBetween(histories / 20, histories / 2);
  }

  private static Map<BackupKind, RetentionPolicy> policies(Random random) {
    Map<BackupKind, RetentionPolicy> policies = new EnumMap<>(BackupKind.class);
    for (BackupKind kind : BackupKind.values()) {
      if (random.nextInt(10) > 0) { // a kind without one has the defaults
        policies.put(kind, policy(random));
      }
    }
    return policies;
  }

  private static RetentionPolicy policy(Random random) {
    while (true) {
      int[] rules = new int[6];
      for (int i = 0; i < rules.length; i++) {
        rules[i] = random.nextInt(3) > 0 ? 0 : random.nextInt(i == 0 ? 60 : 8);
      }
      if (java.util.Arrays.stream(rules).sum() > 0) {
        return policy(rules, Duration.ofHours(random.nextInt(200)));
      }
    }
  }

  private static RetentionPolicy policy(int[] rules, Duration undoWindow) {
    return new RetentionPolicy(
        rules[0], rules[1], rules[2], rules[3], rules[4], rules[5], undoWindow);
  }

  private static void everyBackupIsDecidedOnceAndEveryKeptOneHasAReason(
      History history, RetentionPlan plan) {
    assertThat(plan.decisions().stream().map(Decision::entry).toList())
        .containsExactlyElementsOf(history.listing().entries());
    assertThat(plan.kept().size() + plan.leaving().size()).isEqualTo(plan.decisions().size());
    for (Decision decision : plan.kept()) {
      assertThat(decision.reasons()).isNotEmpty().doesNotHaveDuplicates();
      decision.until().ifPresent(until -> assertThat(until).isAfter(history.facts().now()));
    }
    plan.leaving().forEach(decision -> assertThat(decision.until()).isEmpty());
  }

  private static void doubtRemovesNothing(History history, RetentionPlan plan) {
    assertThat(!plan.holds().isEmpty()).as("held").isEqualTo(history.isInDoubt());
    if (history.isInDoubt()) {
      assertThat(plan.leaving()).isEmpty();
      assertThat(plan.purges()).isEmpty();
    }
  }

  private static void whatGoesIsWhatTheOracleLetsGo(
      History history, Map<BackupKind, RetentionPolicy> policies, RetentionPlan plan) {
    if (history.isInDoubt()) {
      return;
    }
    Set<Entry> kept = new HashSet<>();
    for (BackupKind kind : BackupKind.values()) {
      kept.addAll(
          RetentionOracle.kept(
              history.listing().of(kind),
              policies.getOrDefault(kind, RetentionPolicy.DEFAULTS),
              history.facts().now(),
              history.facts().zone()));
    }
    assertThat(entries(plan.kept())).isEqualTo(kept);
  }

  private static Set<Entry> entries(List<Decision> decisions) {
    return decisions.stream().map(Decision::entry).collect(Collectors.toSet());
  }

  private static void theNewestProvenAndThePinnedStay(History history, RetentionPlan plan) {
    Set<Entry> leaving = entries(plan.leaving());
    for (BackupKind kind : BackupKind.values()) {
      for (ProofLevel level : List.of(ProofLevel.PROVEN, ProofLevel.VERIFIED)) {
        Optional<Entry> best =
            history.listing().of(kind).stream()
                .filter(entry -> entry.proof().isAtLeast(level))
                .max(Comparator.comparingLong(entry -> entry.backup().sequence()));
        if (best.isPresent()) {
          assertThat(leaving).doesNotContain(best.get());
          break;
        }
      }
    }
    assertThat(leaving).noneMatch(entry -> entry.pin().isPresent());
  }

  private static void aStricterPolicyKeepsNothingMore(
      History history,
      Map<BackupKind, RetentionPolicy> policies,
      RetentionPlan plan,
      Random random) {
    Map<BackupKind, RetentionPolicy> stricter = new EnumMap<>(BackupKind.class);
    for (BackupKind kind : BackupKind.values()) {
      RetentionPolicy policy = policies.getOrDefault(kind, RetentionPolicy.DEFAULTS);
      int[] rules = {
        policy.keepDays(),
        policy.keepLast(),
        policy.daily(),
        policy.weekly(),
        policy.monthly(),
        policy.yearly()
      };
      for (int i = 0; i < rules.length; i++) {
        rules[i] -= random.nextBoolean() ? 0 : random.nextInt(rules[i] + 1);
      }
      if (java.util.Arrays.stream(rules).sum() == 0) {
        return;
      }
      stricter.put(kind, policy(rules, policy.undoWindow()));
    }
    assertThat(entries(plan.kept()))
        .containsAll(entries(RetentionPlanner.plan(history.facts(), stricter).kept()));
  }

  private static void applyingItAgainRemovesNothingMore(
      History history, Map<BackupKind, RetentionPolicy> policies, RetentionPlan plan) {
    List<Entry> stayed = plan.kept().stream().map(Decision::entry).toList();
    assertThat(RetentionPlanner.plan(history.with(stayed).facts(), policies).leaving()).isEmpty();
  }

  private static void whatIsBroughtBackIsJudgedAsBefore(
      History history, Map<BackupKind, RetentionPolicy> policies, RetentionPlan plan) {
    List<Entry> all = new ArrayList<>(entries(plan.kept()));
    all.addAll(entries(plan.leaving()));
    all.sort(Comparator.comparingLong(entry -> entry.backup().sequence()));
    assertThat(RetentionPlanner.plan(history.with(all).facts(), policies)).isEqualTo(plan);
  }

  private static void aFailedOrSuspiciousRunRemovesNothing(
      History history, Map<BackupKind, RetentionPolicy> policies, Random random) {
    List<Entry> entries = new ArrayList<>(history.listing().entries());
    Backup suspicious =
        BackupBuilder.backup()
            .kind(random.nextBoolean() ? BackupKind.LOGICAL : BackupKind.PHYSICAL)
            .started(history.facts().now().minus(Duration.ofMinutes(1)))
            .sequence(entries.size() + 1)
            .anomalies("shop has 0 rows")
            .build();
    entries.add(new Entry(suspicious, RandomHistory.proof(random), Optional.empty(), false));
    assertThat(RetentionPlanner.plan(history.with(entries).facts(), policies).leaving()).isEmpty();

    Message unreadable = Message.message("a directory without backup.json");
    Listing doubtful = new Listing(history.listing().entries(), List.of(unreadable));
    assertThat(RetentionPlanner.plan(history.with(doubtful).facts(), policies).leaving()).isEmpty();
  }

  private static void theTrashIsEmptiedOnlyAfterItsWindow(
      History history, Map<BackupKind, RetentionPolicy> policies, RetentionPlan plan) {
    if (history.isInDoubt()) {
      return;
    }
    List<TrashNote> due = new ArrayList<>();
    for (TrashNote note : history.facts().trash()) {
      Duration window = policies.getOrDefault(note.kind(), RetentionPolicy.DEFAULTS).undoWindow();
      if (Duration.between(note.trashedAt(), history.facts().now()).compareTo(window) >= 0) {
        due.add(note);
      }
    }
    assertThat(plan.purges()).isEqualTo(due);
  }
}
