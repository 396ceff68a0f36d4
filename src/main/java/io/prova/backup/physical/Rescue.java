package io.prova.backup.physical;

import io.prova.storage.Key;
import io.prova.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;

/// What restores a packed backup without this program: a page that says how, and a script. They lie
/// in each backup, so that one that was copied away brings them along.
final class Rescue {

  private static final String RESOURCES = "/io/prova/rescue/";

  private Rescue() {}

  static void put(ObjectStore store) throws IOException {
    for (String name : List.of("RESTORE.md", "restore.py")) {
      try (InputStream in = Rescue.class.getResourceAsStream(RESOURCES + name)) {
        if (in == null) {
          throw new IllegalStateException("missing resource " + name);
        }
        store.putIfAbsent(new Key(name), ByteBuffer.wrap(in.readAllBytes()));
      }
    }
  }
}
