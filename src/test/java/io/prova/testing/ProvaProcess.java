package io.prova.testing;

import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The program in a process of its own, as another user of the operating system runs it: from a
/// copy that this user may read, with a directory that belongs to that user. Only root can do this.
public final class ProvaProcess implements AutoCloseable {

  private final Path root;
  private final Path directory;
  private final OsUser user;
  private final List<String> classPath;
  private final Map<String, String> variables = new LinkedHashMap<>();

  private ProvaProcess(Path root, Path directory, OsUser user, List<String> classPath) {
    this.root = root;
    this.directory = directory;
    this.user = user;
    this.classPath = classPath;
  }

  public static ProvaProcess of(OsUser user) throws IOException {
    Path root = Files.createTempDirectory(Path.of("/tmp"), "prova-test-program-");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (Files.exists(Path.of(entry))) {
        Path copy = root.resolve(classPath.size() + "-" + Path.of(entry).getFileName());
        copyTree(Path.of(entry), copy);
        classPath.add(copy.toString());
      }
    }
    Path directory = Files.createDirectory(root.resolve("home"));
    Files.setAttribute(directory, "unix:uid", user.uid());
    Files.setAttribute(directory, "unix:gid", user.gid());
    return new ProvaProcess(root, directory, user, classPath);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }

  /// Belongs to the user.
  public Path directory() {
    return directory;
  }

  public Path repository() {
    return directory.resolve("backupSQL");
  }

  public ProvaProcess set(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  public Prova.Said run(String... arguments) throws IOException, InterruptedException {
    return runAs(user, arguments);
  }

  /// As somebody else, with the same configuration.
  public Prova.Said runAs(OsUser other, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(other.commandPrefix(OsUser.current()));
    words.addAll(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8",
            "-cp",
            String.join(File.pathSeparator, classPath),
            "io.prova.Main",
            "--config",
            directory.resolve("prova.yaml").toString()));
    words.addAll(List.of(arguments));
    Path error = Files.createTempFile("prova-test", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(directory.toFile()).redirectError(error.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("HOME", directory.toString());
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    String said = Files.readString(error);
    Files.delete(error);
    return new Prova.Said(exitCode, out, said);
  }

  /// @see Prova#succeeds
  public Prova.Said succeeds(String... arguments) throws IOException, InterruptedException {
    return Prova.requireSuccess(run(arguments), arguments);
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(root);
  }
}
