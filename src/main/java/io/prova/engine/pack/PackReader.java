package io.prova.engine.pack;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.prova.base.Digest;
import io.prova.engine.seal.BadSealException;
import io.prova.storage.Key;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/// Reads frames of packs, trusting nothing that it has not checked.
public final class PackReader {

  private final ObjectStore store;
  private final String prefix;

  /// @param prefix of the packs' keys, empty or ending in `/`
  public PackReader(ObjectStore store, String prefix) {
    this.store = store;
    this.prefix = prefix;
  }

  /// The frames of a pack, from its index, whose digest the manifest has.
  ///
  /// @throws BadObjectException if the index is not the one that was written
  public List<Frame> frames(StoredPack pack) throws IOException {
    long length = pack.sealed() ? sealedIndexBytes(pack) : pack.stored() - pack.indexAt();
    if (pack.frames() < 0
        || pack.frames() > PackIndex.MOST_FRAMES
        || length != PackIndex.bytes(pack.frames())) {
      throw new BadObjectException(pack.name(), "its index cannot be " + length + " bytes long");
    }
    ByteBuffer index = ByteBuffer.allocate((int) length);
    readFully(pack, pack.indexAt(), index);
    Digest found = Digest.of(index.array());
    if (!found.equals(pack.index())) {
      throw new BadObjectException(
          pack.name(), "its index has digest " + found + ", the manifest says " + pack.index());
    }
    List<Frame> frames = PackIndex.decode(pack.name(), index.flip(), pack.indexAt());
    long raw = frames.isEmpty() ? 0 : frames.getLast().rawEnd();
    if (raw != pack.raw()) {
      throw new BadObjectException(
          pack.name(), "its frames hold " + raw + " bytes, the manifest says " + pack.raw());
    }
    return frames;
  }

  /// Reading the index of a sealed pack up to its end proves that nothing behind it is missing.
  private long sealedIndexBytes(StoredPack pack) throws IOException {
    try {
      Optional<ObjectStat> clear = store.stat(new Key(prefix + pack.name()));
      if (clear.isEmpty()) {
        throw new BadObjectException(pack.name(), "is missing");
      }
      return clear.get().bytes() - pack.indexAt();
    } catch (BadSealException e) {
      throw new BadObjectException(pack.name(), e.finding());
    }
  }

  /// Fills `into` from `at` on.
  ///
  /// @throws BadObjectException if the object is missing or ends before that
  public void readFully(StoredPack pack, long at, ByteBuffer into) throws IOException {
    int wanted = into.remaining();
    try {
      int read = store.read(new Key(prefix + pack.name()), at, into);
      if (read != wanted) {
        throw new BadObjectException(
            pack.name(), "ends at byte " + (at + read) + " of " + pack.stored());
      }
    } catch (NoSuchFileException e) {
      throw new BadObjectException(pack.name(), "is missing");
    } catch (BadSealException e) {
      throw new BadObjectException(pack.name(), e.finding());
    }
  }

  /// Decodes one frame and checks what came out.
  ///
  /// @param stored its bytes, direct
  /// @param raw gets the raw bytes; direct, with room for them
  public static void decode(
      ZstdDecompressCtx zstd, StoredPack pack, Frame frame, ByteBuffer stored, ByteBuffer raw)
      throws BadObjectException {
    int begin = raw.position();
    long stated =
        Zstd.getDirectByteBufferFrameContentSize(stored, stored.position(), stored.remaining());
    if (stated != frame.raw()) {
      throw new BadObjectException(
          pack.name(),
          "its frame at byte "
              + frame.at()
              + " states "
              + stated
              + " bytes, the index "
              + frame.raw());
    }
    try {
      int count =
          zstd.decompressDirectByteBuffer(
              raw, begin, frame.raw(), stored, stored.position(), stored.remaining());
      if (count != frame.raw()) {
        throw new BadObjectException(
            pack.name(), "its frame at byte " + frame.at() + " has " + count + " bytes");
      }
    } catch (ZstdException e) {
      throw new BadObjectException(
          pack.name(), "its frame at byte " + frame.at() + " cannot be decoded: " + e.getMessage());
    }
    Check found = Check.of(raw, begin, frame.raw());
    if (!found.equals(frame.check())) {
      throw new BadObjectException(
          pack.name(),
          "its frame at byte "
              + frame.at()
              + " has check "
              + found
              + ", the index says "
              + frame.check());
    }
    raw.position(begin + frame.raw());
  }
}
