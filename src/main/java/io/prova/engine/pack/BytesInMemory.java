package io.prova.engine.pack;

import java.nio.ByteBuffer;

/// A file whose content is in memory.
public final class BytesInMemory implements OpenFile {

  private final byte[] content;

  public BytesInMemory(byte[] content) {
    this.content = content;
  }

  @Override
  public long size() {
    return content.length;
  }

  @Override
  public int read(ByteBuffer into, long offset) {
    int count = (int) Math.min(into.remaining(), content.length - offset);
    if (count <= 0) {
      return -1;
    }
    into.put(content, (int) offset, count);
    return count;
  }

  @Override
  public void close() {}
}
