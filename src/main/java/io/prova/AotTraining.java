package io.prova;

import io.prova.app.Surroundings;
import io.prova.engine.Packer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PackPlan;
import io.prova.postgres.PageChecksum;
import io.prova.storage.Key;
import io.prova.storage.memory.MemoryObjectStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What the AOT cache learns from: the everyday commands, on an empty configuration, with a server
/// that is not there. Run once by the build, with a directory to work in.
public final class AotTraining {

  private static final String[][] COMMANDS = {
    {"--version"},
    {"--help"},
    {"backup", "--help"},
    {"config", "show"},
    {"config", "show", "--json"},
    {"list"},
    {"status"},
    {"check"},
    {"nonsense"}
  };

  private static final int PAGES = 1024;
  private static final int FILES = 48;

  private AotTraining() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path configuration = Path.of(args[0], "prova.yaml");
    Files.writeString(
        configuration,
        "connection: { host: 127.0.0.1, port: 1, user: nobody, dbname: none }\nrepository: "
            + args[0]
            + "/repository\nstate_directory: "
            + args[0]
            + "/state\n",
        StandardCharsets.UTF_8);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Surroundings surroundings = Surroundings.ofProcess();
    for (String[] command : COMMANDS) {
      String[] words = new String[command.length + 2];
      System.arraycopy(command, 0, words, 0, command.length);
      words[command.length] = "--config";
      words[command.length + 1] = configuration.toString();
      int _ = Main.run(words, surroundings, nowhere, nowhere);
    }
    pack();
  }

  /// What a physical backup computes most, on pages that nobody needs: the cache then holds what
  /// the compiler learned of it.
  private static void pack() throws IOException, InterruptedException {
    byte[] pages = new byte[PAGES * PageChecksum.PAGE];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = (byte) (i % 64 < 8 ? i >>> 6 : i % 64);
    }
    MemoryObjectStore store = new MemoryObjectStore();
    try (ManifestWriter manifest =
            new ManifestWriter(store.create(new Key(ManifestWriter.OBJECT)));
        Packer packer =
            new Packer(store, "", PackPlan.of(1, 2), manifest, new Packer.Listener() {})) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "training", "training"));
      for (int i = 0; i < FILES; i++) {
        packer.add(
            new Member.File(
                "base/1/" + i,
                0600,
                Instant.EPOCH,
                pages.length,
                () -> new BytesInMemory(pages),
                AotTraining::check));
      }
      packer.finish();
      manifest.finish();
    }
  }

  private static List<Integer> check(
      OpenFile file, ByteBuffer bytes, int from, int length, long offset) {
    MemorySegment segment = MemorySegment.ofBuffer(bytes.duplicate().clear());
    List<Integer> right = new ArrayList<>();
    for (int at = from; at + PageChecksum.PAGE <= from + length; at += PageChecksum.PAGE) {
      if (PageChecksum.isRight(segment, at, (offset + at - from) / PageChecksum.PAGE)) {
        right.add(at);
      }
    }
    return right;
  }
}
