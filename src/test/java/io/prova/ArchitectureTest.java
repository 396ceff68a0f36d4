package io.prova;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.prova.app.Surroundings;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/// The directions of ARCHITECTURE.md: drivers → features → catalog, journal → engine | postgres →
/// storage → base, never up. An exception stands here with its reason, or it is a mistake.
@AnalyzeClasses(packages = "io.prova", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  /// Each package with those it may use. `config` stands above the features because it makes their
  /// options; `demo` drives the program as a user does.
  private static final Map<String, List<String>> MAY_USE = new TreeMap<>();

  private static final List<String> GROUND = List.of("storage", "base");
  private static final List<String> FEATURES =
      List.of("backup", "restore", "wal", "retention", "verify", "drill", "check", "alert");

  static {
    allow("base", List.of(), List.of());
    allow("storage", List.of("base"), List.of());
    allow("postgres", GROUND, List.of());
    allow("engine", GROUND, List.of());
    List<String> belowContents = with(GROUND, "postgres", "engine");
    allow("journal", belowContents, List.of());
    // A backup remembers where the journal ended when it was made.
    allow("catalog", belowContents, List.of("journal"));
    List<String> belowFeatures = with(belowContents, "catalog", "journal");
    FEATURES.forEach(feature -> allow(feature, belowFeatures, List.of()));
    // A restore test is a restore, and more.
    allow("drill", belowFeatures, List.of("restore"));
    List<String> belowDrivers = with(with(belowFeatures, "config"), FEATURES);
    allow("config", with(belowFeatures, FEATURES), List.of());
    allow("app", belowDrivers, List.of());
    allow("server", belowDrivers, List.of("app"));
    allow("demo", belowDrivers, List.of("app"));
    allow("cli", belowDrivers, List.of("app", "server", "demo"));
  }

  private static void allow(String slice, List<String> below, List<String> exceptions) {
    MAY_USE.put(slice, with(below, exceptions));
  }

  private static List<String> with(List<String> some, String... more) {
    return with(some, Arrays.asList(more));
  }

  private static List<String> with(List<String> some, List<String> more) {
    return java.util.stream.Stream.concat(some.stream(), more.stream()).toList();
  }

  @ArchTest
  static void everyPackageUsesOnlyWhatLiesBelowIt(JavaClasses program) {
    MAY_USE.forEach((slice, below) -> {
      String[] allowed =
          java.util.stream.Stream.concat(java.util.stream.Stream.of(slice), below.stream())
              .map(each -> "io.prova." + each + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("io.prova." + slice + "..")
          .should()
          .dependOnClassesThat(
              are(resideInAnyPackage("io.prova..")).and(resideOutsideOfPackages(allowed)))
          .because(slice + " may use only " + below)
          .allowEmptyShould(true) // wal and engine are laid and not yet built
          .check(program);
    });
  }

  @ArchTest
  static final ArchRule EVERY_PACKAGE_HAS_ITS_PLACE =
      classes()
          .that()
          .resideOutsideOfPackage("io.prova")
          .should()
          .resideInAnyPackage(
              MAY_USE.keySet().stream()
                  .map(each -> "io.prova." + each + "..")
                  .toArray(String[]::new));

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("io.prova.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_SURROUNDINGS_READS_THE_ENVIRONMENT =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Surroundings.class)
          .should()
          .callMethodWhere(calls(System.class, Set.of("getenv")))
          .because("what the program finds around itself can then be told to it by a test");

  @ArchTest
  static final ArchRule ONLY_MAIN_ENDS_THE_PROGRAM =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Main.class)
          .should()
          .callMethodWhere(
              calls(System.class, Set.of("exit"))
                  .or(calls(Runtime.class, Set.of("exit", "halt", "addShutdownHook"))));

  @ArchTest
  static final ArchRule NOBODY_PRINTS_BUT_TO_A_STREAM_THAT_IS_GIVEN =
      noClasses()
          .should()
          .accessFieldWhere(
              DescribedPredicate.describe(
                  "is System.out or System.err",
                  (JavaAccess<?> access) ->
                      access.getTargetOwner().isEquivalentTo(System.class)
                          && Set.of("out", "err").contains(access.getName())));

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_ASKS_A_PERSON =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.prova.cli")
          .should()
          .callMethodWhere(calls(System.class, Set.of("console")));

  @ArchTest
  static final ArchRule TIME_COMES_IN_BY_CONSTRUCTOR =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Surroundings.class)
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "asks the machine's clock",
                  (JavaCall<?> call) ->
                      isOneOf(call, "java.time", "now")
                          || call.getTargetOwner().isEquivalentTo(Clock.class)
                          || (call.getTargetOwner().isEquivalentTo(InstantSource.class)
                              && call.getName().equals("system"))
                          || (call.getTargetOwner().isEquivalentTo(System.class)
                              && call.getName().equals("currentTimeMillis"))
                          || (call.getTargetOwner().isEquivalentTo(java.util.Date.class)
                              && call.getName().equals("<init>")
                              && call.getTarget().getRawParameterTypes().isEmpty())));

  private static boolean isOneOf(JavaCall<?> call, String owners, String name) {
    return call.getTargetOwner().getPackageName().equals(owners) && call.getName().equals(name);
  }

  @ArchTest
  static final ArchRule NO_RANDOM_NUMBERS_OF_OUR_OWN =
      noClasses()
          .should()
          .callConstructorWhere(
              DescribedPredicate.describe(
                  "makes a Random", call -> call.getTargetOwner().isEquivalentTo(Random.class)))
          .orShould()
          .callMethodWhere(
              calls(Math.class, Set.of("random"))
                  .or(calls(ThreadLocalRandom.class, Set.of("current"))))
          .because("passwords and names come from SecureRandom and UUID; nothing else is random");

  /// What happens outside of this program tells us nothing when it happens: these look again.
  private static final Set<String> LOOK_AGAIN =
      Set.of(
          // whether a server that was started or stopped is up or gone
          "io.prova.postgres.ScratchServer",
          "io.prova.postgres.ScratchPlace",
          "io.prova.restore.UnfinishedCopy",
          "io.prova.restore.InPlaceRestoreRun",
          // whether sessions that were ended have left a database
          "io.prova.restore.DatabaseSwap",
          // whether another process gave a lock back
          "io.prova.storage.FileLock",
          // whether pg_dump has begun to write
          "io.prova.backup.logical.SharedSnapshot",
          // whether a job is due or a backup missing: on the machine's clock, which may be set
          "io.prova.server.ClusterLoop",
          "io.prova.server.ClusterWatch");

  @ArchTest
  static final ArchRule NOBODY_SLEEPS_WHO_COULD_BE_TOLD =
      noClasses()
          .that(
              DescribedPredicate.describe(
                  "need not look again at something outside",
                  (JavaClass each) -> !LOOK_AGAIN.contains(outermost(each).getName())))
          .should()
          .callMethodWhere(calls(Thread.class, Set.of("sleep")));

  private static JavaClass outermost(JavaClass each) {
    return each.getEnclosingClass().map(ArchitectureTest::outermost).orElse(each);
  }

  private static DescribedPredicate<JavaCall<?>> calls(Class<?> owner, Set<String> names) {
    return DescribedPredicate.describe(
        owner.getSimpleName() + "." + names,
        call -> call.getTargetOwner().isEquivalentTo(owner) && names.contains(call.getName()));
  }

  @ArchTest
  static final ArchRule NAMES_SAY_WHAT_A_THING_IS =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Data");
}
