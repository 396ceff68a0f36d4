package io.prova.memory;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What this process has needed so far.
final class Peak {

  private Peak() {}

  /// Heap: the sum of its pools' peaks, garbage included. Direct: now. Resident: what the kernel
  /// gave at most, the JVM itself and native libraries included.
  static String told(String what, long startedNanos) throws IOException {
    long heap =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    String resident =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .map(line -> line.replaceAll("[^0-9]", ""))
            .findFirst()
            .orElse("0");
    return String.format(
        Locale.ROOT,
        "%s: %.1f s, heap at most %d MiB, direct %d MiB, resident at most %d MiB",
        what,
        (System.nanoTime() - startedNanos) / 1e9,
        heap >> 20,
        direct >> 20,
        Long.parseLong(resident) >> 10);
  }
}
