package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup.Encryption;
import io.prova.engine.seal.Identity;
import io.prova.engine.seal.KeyFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where the secret keys of encrypted backups are, where this machine has them. A host that only
/// takes backups needs none.
///
/// @param file as `age-keygen` writes it
public record BackupKeys(Optional<Path> file) {

  public static final BackupKeys NONE = new BackupKeys(Optional.empty());

  /// A file with keys is small; a pipe or a disk is not one.
  private static final long LARGEST_BYTES = 1024 * 1024;

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  /// The keys that open `backup`; none where it is not encrypted.
  ///
  /// @throws OperationFailed (KEY) if they are not here, or are others than it needs
  public List<Identity> require(Backup backup) throws IOException {
    Optional<Encryption> encryption = backup.encryption();
    if (encryption.isEmpty()) {
      return List.of();
    }
    if (!encryption.get().format().equals(Encryption.AGE)) {
      throw new UnknownFormatException(
          message(
              "backup {0} is encrypted as \"{1}\", which this version of Prova does not know",
              backup.label().toString(), encryption.get().format()));
    }
    List<String> recipients = encryption.get().recipients();
    if (file.isEmpty()) {
      throw new OperationFailed(
          Failure.KEY,
          message(
              "backup {0} is encrypted, and no key is configured that opens it",
              backup.label().toString()),
          message(
              "Name the file with the secret key as `physical.encryption.identity_file` in prova.yaml. Its recipient is one of: {0}.",
              recipients));
    }
    List<Identity> identities = read(file.get());
    List<String> ours = identities.stream().map(each -> each.recipient().toString()).toList();
    if (ours.stream().noneMatch(recipients::contains)) {
      throw new OperationFailed(
          Failure.KEY,
          message("no key in {0} opens backup {1}", file.get(), backup.label().toString()),
          message("It is encrypted for {0}; the file has the key of {1}.", recipients, ours));
    }
    return identities;
  }

  /// The keys in a file that nobody but its owner may read.
  ///
  /// @throws OperationFailed (KEY)
  public static List<Identity> read(Path file) throws IOException {
    try {
      if (!Files.isRegularFile(file) && Files.exists(file)) {
        throw new OperationFailed(Failure.KEY, message("{0} is not a file", file));
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (!OWNERS.containsAll(permissions)) {
        throw new OperationFailed(
            Failure.KEY,
            message(
                "others than its owner may use the key file {0} ({1})",
                file, PosixFilePermissions.toString(permissions)),
            message(
                "chmod 600 {0}; if somebody may have read it, make a new key for the backups to come.",
                file));
      }
      if (Files.size(file) > LARGEST_BYTES) {
        throw new OperationFailed(
            Failure.KEY, message("{0} is no key file: it has {1} bytes", file, Files.size(file)));
      }
      return KeyFile.read(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new OperationFailed(
          Failure.KEY,
          message("the key file {0} does not exist", file),
          message(
              "Put the key back that is kept elsewhere. Without it an encrypted backup cannot be read by anybody."),
          e);
    } catch (AccessDeniedException e) {
      throw new OperationFailed(
          Failure.KEY,
          message("the key file {0} may not be read by this user", file),
          message("Run this as its owner."),
          e);
    } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
      throw new OperationFailed(
          Failure.KEY,
          message("{0} holds no secret key of age: {1}", file, String.valueOf(e.getMessage())),
          message("A key begins with AGE-SECRET-KEY-1 and stands in a line of its own."),
          e);
    }
  }
}
