package io.prova.storage;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What every [ObjectStore] must do, as checks that run against a real one: in our tests for each
/// store and each wrapper, and for users as `prova repository check-storage`.
///
/// Everything happens below one prefix, which is emptied at the end of each check.
public final class StorageContract {

  private static final int LARGE_BYTES = 3 * 1024 * 1024 + 7;
  private static final int MANY = 25;
  private static final int RIVALS = 8;

  private final ObjectStore store;
  private final Key place;

  /// @param place a key below which nobody else has anything
  public StorageContract(ObjectStore store, Key place) {
    this.store = store;
    this.place = place;
  }

  /// One promise, and how to see it kept.
  ///
  /// @param promise a sentence
  public record Check(Message promise, Callable<Optional<String>> body) {

    /// @return empty if the promise was kept, else what was seen instead
    public Optional<String> run() throws IOException {
      try {
        return body.call();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        return Optional.of("unexpected " + e);
      }
    }
  }

  public List<Check> checks() {
    return List.of(
        check(message("an object is read back as it was written"), this::readsBack),
        check(message("an object of unknown length is streamed, and read in part"), this::streams),
        check(message("an empty object is an object"), this::empty),
        check(message("a taken key is refused, and its object untouched"), this::refusesTaken),
        check(message("of several writers of one key exactly one succeeds"), this::oneWins),
        check(message("what is not committed is not there"), this::uncommittedIsNothing),
        check(message("a missing object is told apart from an empty one"), this::missing),
        check(message("reading beyond the end gives what there is"), this::beyondTheEnd),
        check(message("a listing is complete, in order, and comes in pages"), this::lists),
        check(message("a prefix may end anywhere in a key"), this::prefixes),
        check(message("a deleted object is gone, and deleting again is no error"), this::deletes));
  }

  @FunctionalInterface
  private interface Body {
    Optional<String> run() throws IOException, InterruptedException;
  }

  private Check check(Message promise, Body body) {
    return new Check(
        promise,
        () -> {
          clean();
          try {
            return body.run();
          } finally {
            clean();
          }
        });
  }

  private void clean() throws IOException {
    while (true) {
      ObjectPage page = store.list(place.path() + "/", Optional.empty(), 1000);
      for (ObjectStat each : page.objects()) {
        store.delete(each.key());
      }
      if (page.complete()) {
        return;
      }
    }
  }

  private static Optional<String> expect(boolean kept, String seen) {
    return kept ? Optional.empty() : Optional.of(seen);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private String text(Key key) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(4096);
    store.read(key, 0, content);
    return StandardCharsets.UTF_8.decode(content.flip()).toString();
  }

  private static byte patternAt(long offset) {
    return (byte) (offset * 31 + (offset >>> 8) * 17 + (offset >>> 16));
  }

  private Optional<String> readsBack() throws IOException {
    Key key = place.child("a").child("b");
    store.putIfAbsent(key, bytes("hello"));
    return expect(text(key).equals("hello"), "read \"" + text(key) + "\" instead of \"hello\"");
  }

  private Optional<String> streams() throws IOException {
    Key key = place.child("large");
    try (ObjectWriter writer = store.create(key)) {
      ByteBuffer part = ByteBuffer.allocateDirect(100_003);
      for (long at = 0; at < LARGE_BYTES; ) {
        part.clear();
        while (part.hasRemaining() && at < LARGE_BYTES) {
          part.put(patternAt(at++));
        }
        writer.write(part.flip());
      }
      writer.commit();
    }
    long[] offsets = {0, 1, 65_536, LARGE_BYTES / 2, LARGE_BYTES - 5};
    for (long offset : offsets) {
      ByteBuffer part = ByteBuffer.allocateDirect(70_000);
      int read = store.read(key, offset, part);
      int expected = (int) Math.min(part.capacity(), LARGE_BYTES - offset);
      if (read != expected) {
        return Optional.of("read " + read + " bytes at " + offset + " instead of " + expected);
      }
      part.flip();
      for (long at = offset; part.hasRemaining(); at++) {
        if (part.get() != patternAt(at)) {
          return Optional.of("another byte at " + at);
        }
      }
    }
    long length = store.stat(key).map(ObjectStat::bytes).orElse(-1L);
    return expect(length == LARGE_BYTES, "its length is given as " + length);
  }

  private Optional<String> empty() throws IOException {
    Key key = place.child("empty");
    store.putIfAbsent(key, ByteBuffer.allocate(0));
    long length = store.stat(key).map(ObjectStat::bytes).orElse(-1L);
    int read = store.read(key, 0, ByteBuffer.allocate(10));
    return expect(length == 0 && read == 0, "its length is " + length + ", read " + read);
  }

  private Optional<String> refusesTaken() throws IOException {
    Key key = place.child("taken");
    store.putIfAbsent(key, bytes("first"));
    try {
      store.putIfAbsent(key, bytes("second"));
      return Optional.of("a second object was stored under a taken key");
    } catch (FileAlreadyExistsException e) {
      return expect(text(key).equals("first"), "the object became \"" + text(key) + "\"");
    }
  }

  private Optional<String> oneWins() throws IOException, InterruptedException {
    Key key = place.child("contested");
    List<Future<Boolean>> rivals = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < RIVALS; i++) {
        String content = "rival " + i;
        rivals.add(
            executor.submit(() -> {
              try {
                store.putIfAbsent(key, bytes(content));
                return true;
              } catch (FileAlreadyExistsException e) {
                return false;
              }
            }));
      }
    }
    int winners = 0;
    String winner = "";
    for (int i = 0; i < RIVALS; i++) {
      try {
        if (rivals.get(i).get()) {
          winners++;
          winner = "rival " + i;
        }
      } catch (ExecutionException e) {
        return Optional.of("one of several writers failed: " + e.getCause());
      }
    }
    return expect(
        winners == 1 && text(key).equals(winner),
        winners + " writers were told of success, the object is \"" + text(key) + "\"");
  }

  private Optional<String> uncommittedIsNothing() throws IOException {
    Key key = place.child("half");
    try (ObjectWriter writer = store.create(key)) {
      writer.write(bytes("half of it"));
      if (store.stat(key).isPresent()) {
        return Optional.of("visible before it was committed");
      }
    }
    boolean listed = !store.list(place.path() + "/", Optional.empty(), 10).objects().isEmpty();
    return expect(store.stat(key).isEmpty() && !listed, "visible without having been committed");
  }

  private Optional<String> missing() throws IOException {
    Key key = place.child("missing");
    store.putIfAbsent(key.child("below"), bytes("x"));
    if (store.stat(key).isPresent()) {
      return Optional.of("the beginning of another object's key counts as an object");
    }
    try {
      int read = store.read(key, 0, ByteBuffer.allocate(1));
      return Optional.of("reading it gave " + read + " bytes");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private Optional<String> beyondTheEnd() throws IOException {
    Key key = place.child("short");
    store.putIfAbsent(key, bytes("12345"));
    ByteBuffer into = ByteBuffer.allocate(10);
    int atEnd = store.read(key, 3, into);
    int beyond = store.read(key, 100, into);
    return expect(
        atEnd == 2 && beyond == 0 && into.position() == 2,
        "read " + atEnd + " bytes at the end, " + beyond + " beyond it");
  }

  private Optional<String> lists() throws IOException {
    List<Key> expected = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      // Names around "/" in the order of bytes: a directory walk sorts these wrongly if it may.
      expected.add(place.child("d" + i % 5).child("f" + i));
      expected.add(place.child("d" + i % 5 + "-x").child("f" + i));
      expected.add(place.child("d" + i % 5 + ".f" + i));
    }
    for (Key key : expected) {
      store.putIfAbsent(key, bytes(key.path()));
    }
    expected.sort(null);
    for (int limit : new int[] {1, 4, 1000}) {
      List<Key> found = new ArrayList<>();
      Optional<Key> after = Optional.empty();
      for (boolean complete = false; !complete; ) {
        ObjectPage page = store.list(place.path() + "/", after, limit);
        if (page.objects().size() > limit || (page.objects().isEmpty() && !page.complete())) {
          return Optional.of(
              "a page of " + page.objects().size() + " where " + limit + " were asked");
        }
        for (ObjectStat each : page.objects()) {
          if (each.bytes() != each.key().path().length()) {
            return Optional.of(each.key() + " is listed with " + each.bytes() + " bytes");
          }
          found.add(each.key());
          after = Optional.of(each.key());
        }
        complete = page.complete();
      }
      if (!found.equals(expected)) {
        return Optional.of(
            "in pages of "
                + limit
                + ": "
                + found.size()
                + " keys, not the "
                + expected.size()
                + " stored ones in order");
      }
    }
    return Optional.empty();
  }

  private Optional<String> prefixes() throws IOException {
    for (String name : List.of("prod", "prod2", "produce", "other")) {
      store.putIfAbsent(place.child(name).child("x"), bytes("x"));
    }
    int part = store.list(place.path() + "/prod", Optional.empty(), 100).objects().size();
    int whole = store.list(place.path() + "/prod/", Optional.empty(), 100).objects().size();
    int none = store.list(place.path() + "/nothing", Optional.empty(), 100).objects().size();
    return expect(
        part == 3 && whole == 1 && none == 0, "listed " + part + ", " + whole + " and " + none);
  }

  private Optional<String> deletes() throws IOException {
    Key key = place.child("gone");
    store.putIfAbsent(key, bytes("x"));
    boolean first = store.delete(key);
    boolean second = store.delete(key);
    if (!first || second || store.stat(key).isPresent()) {
      return Optional.of("told " + first + " and " + second + ", still there: " + store.stat(key));
    }
    store.putIfAbsent(key, bytes("again"));
    return expect(text(key).equals("again"), "the key could not be used again");
  }
}
