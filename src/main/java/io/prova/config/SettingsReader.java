package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.alert.AlertOptions;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds the configuration and reads it into [Settings].
///
/// The file is the one that was named, else the one that `$PROVA_CONFIG` names, else `prova.yaml`
/// here, else `/etc/prova/prova.yaml`; with none of them everything is at its default. What
/// `docs/configuration.md` says is what is read here.
public final class SettingsReader {

  private static final String FILE_VARIABLE = "PROVA_CONFIG";
  private static final Path FILE_HERE = Path.of("prova.yaml");
  private static final Path SYSTEM_FILE = Path.of("/etc/prova/prova.yaml");
  private static final Path ROOTS_STATE = Path.of("/var/lib/prova");
  private static final String STATE_VARIABLE = "XDG_STATE_HOME";
  private static final String ONLY_CLUSTER = "main";

  /// Names become parts of file names and metrics.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");

  private final Map<String, String> environment;
  private final Path workingDirectory;
  private final Path home;
  private final boolean root;

  /// @param home of the user who runs Prova
  /// @param root whether that is root
  public SettingsReader(
      Map<String, String> environment, Path workingDirectory, Path home, boolean root) {
    this.environment = environment;
    this.workingDirectory = workingDirectory;
    this.home = home;
    this.root = root;
  }

  /// @param explicit the file that the user named
  /// @throws OperationFailed telling all that is wrong, each with its line
  public LoadedSettings load(Optional<Path> explicit) {
    Optional<ConfigFile> file = find(explicit);
    Reading reading = new Reading(file);
    Optional<Node> content = file.flatMap(each -> YamlText.parse(read(each), each.name()));
    return reading.loaded(settings(reading, new Section(reading, "", 1, content), file));
  }

  private Optional<ConfigFile> find(Optional<Path> explicit) {
    if (explicit.isPresent()) {
      return Optional.of(named(explicit.get()));
    }
    String variable = environment.getOrDefault(FILE_VARIABLE, "");
    if (!variable.isEmpty()) {
      return Optional.of(named(Path.of(variable)));
    }
    ConfigFile here = named(FILE_HERE);
    // Not "exists and can be read": to pass over a file that is there would be to ignore a plan.
    if (Files.exists(here.path(), LinkOption.NOFOLLOW_LINKS)) {
      refuseForeign(here);
      return Optional.of(here);
    }
    return Files.notExists(SYSTEM_FILE) ? Optional.empty() : Optional.of(named(SYSTEM_FILE));
  }

  private ConfigFile named(Path path) {
    return new ConfigFile(workingDirectory.resolve(path), path.toString());
  }

  /// A configuration names commands. In a directory of somebody else, root does not run theirs just
  /// for being there.
  private void refuseForeign(ConfigFile here) {
    if (root && !isOwnedByRoot(here)) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("{0} in this directory belongs to another user than root", here.name()),
          message("If you trust it, name it: `--config {0}`.", here.name()));
    }
  }

  private static boolean isOwnedByRoot(ConfigFile file) {
    try {
      return Files.getAttribute(file.path(), "unix:uid").equals(0);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static byte[] read(ConfigFile file) {
    if (Files.isDirectory(file.path())) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("{0} is a directory, not a configuration file", file.name()),
          message("Name the file in it, such as {0}.", Path.of(file.name(), "prova.yaml")));
    }
    try (InputStream in = Files.newInputStream(file.path())) {
      return in.readNBytes(YamlText.MAX_BYTES + 1);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static OperationFailed unreadable(ConfigFile file, IOException e) {
    return new OperationFailed(
        Failure.CONFIG,
        message("{0} cannot be read: {1}", file.name(), Unreadable.reason(e)),
        message("`prova init` writes a configuration; `--config` and $PROVA_CONFIG name one."),
        e);
  }

  Settings settings(Reading reading, Section root, Optional<ConfigFile> file) {
    ZoneId zone = root.value("time_zone", ValueType.ZONE, ZoneId.systemDefault());
    Path stateDirectory = stateDirectory(root);
    SortedMap<String, ClusterSettings> clusters =
        root.has("clusters") ? clusters(reading, root) : onlyCluster(reading, root);
    clusters.values().stream()
        .filter(cluster -> stateDirectory.startsWith(cluster.repository()))
        .forEach(cluster ->
            root.problem(
                "state_directory", message("lies in the repository {0}", cluster.repository())));
    AlertOptions alerts = new AlertReader(reading, environment).read(root.section("alerts"));
    return new Settings(file.map(ConfigFile::path), zone, stateDirectory, clusters, alerts);
  }

  private Path stateDirectory(Section section) {
    String variable = environment.getOrDefault(STATE_VARIABLE, "");
    if (root) {
      return section.value("state_directory", ValueType.PATH, ROOTS_STATE);
    }
    // The XDG specification has relative paths ignored.
    return variable.startsWith("/")
        ? section.value(
            "state_directory", ValueType.PATH, Path.of(variable, "prova"), "$" + STATE_VARIABLE)
        : section.value("state_directory", ValueType.PATH, home.resolve(".local/state/prova"));
  }

  private static SortedMap<String, ClusterSettings> onlyCluster(Reading reading, Section root) {
    return new TreeMap<>(
        Map.of(ONLY_CLUSTER, new ClusterReader(reading, root).read(ONLY_CLUSTER, true)));
  }

  private static SortedMap<String, ClusterSettings> clusters(Reading reading, Section root) {
    Section named = root.section("clusters");
    if (named.keys().isEmpty()) {
      root.problem("clusters", message("names no cluster"));
    }
    SortedMap<String, ClusterSettings> clusters = new TreeMap<>();
    for (String name : List.copyOf(named.keys())) {
      Section section = named.section(name);
      if (!NAME.matcher(name).matches()) {
        section.problem(message("expected a name of up to 63 letters, digits, \"-\" and \"_\""));
      }
      ClusterSettings cluster =
          new ClusterReader(reading, section).read(name, named.keys().size() == 1);
      clusters.values().stream()
          .filter(other -> overlap(other.repository(), cluster.repository()))
          .filter(other -> section.has("repository"))
          .forEach(other ->
              section.problem(
                  "repository",
                  message(
                      "shares its place with the repository of {0}, {1}; each cluster needs its own",
                      other.name(), other.repository())));
      clusters.put(name, cluster);
      root.refuse(
          section.known(),
          message("stands beside \"clusters\"; it belongs below the name of a cluster"));
    }
    return clusters;
  }

  private static boolean overlap(Path one, Path other) {
    return one.startsWith(other) || other.startsWith(one);
  }
}
