package io.prova.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.engine.seal.Identity;
import io.prova.engine.seal.Seal;
import io.prova.engine.seal.SealedObjectStore;
import io.prova.storage.fs.LocalObjectStore;
import io.prova.storage.limit.RateLimit;
import io.prova.storage.limit.RateLimitedObjectStore;
import io.prova.storage.memory.MemoryObjectStore;
import io.prova.storage.retry.RetryingObjectStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class StorageContractTest {

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> everyStoreAndEveryWrapperKeepsTheContract() {
    Map<String, ObjectStore> stores = new LinkedHashMap<>();
    stores.put("local", new LocalObjectStore(directory));
    stores.put("memory", new MemoryObjectStore());
    stores.put(
        "retrying", new RetryingObjectStore(new MemoryObjectStore(), 3, Duration.ZERO, t -> {}));
    stores.put("faultless", FaultyObjectStore.faultless(new MemoryObjectStore()));
    stores.put(
        "limited",
        new RateLimitedObjectStore(
            new MemoryObjectStore(),
            new RateLimit(1L << 30, System::nanoTime),
            new RateLimit(1L << 30, System::nanoTime)));
    Identity identity = Identity.generate(new SecureRandom());
    Seal seal = new Seal(List.of(identity.recipient()), new SecureRandom());
    stores.put(
        "sealed in memory",
        new SealedObjectStore(new MemoryObjectStore(), seal, List.of(identity)));
    stores.put(
        "sealed locally",
        new SealedObjectStore(
            new LocalObjectStore(directory.resolve("sealed")), seal, List.of(identity)));
    return stores.entrySet().stream()
        .flatMap(store ->
            new StorageContract(store.getValue(), new Key("check"))
                .checks().stream()
                    .map(check ->
                        DynamicTest.dynamicTest(
                            store.getKey() + ": " + check.promise(),
                            () -> assertThat(check.run()).isEmpty())));
  }
}
