package io.prova.alert;

import java.time.Instant;

/// The way to one recipient.
interface Channel {

  /// Names the recipient, the same after every start, such as `email:ops@example.com`. It is shown
  /// and stored, so it holds no secret.
  String id();

  /// Hands `announcement` over, or fails. After a failure or a crash it is called again, and the
  /// recipient may then get the message twice. Ends soon when interrupted: the caller limits the
  /// time.
  ///
  /// @throws DeliveryFailed with a reason that holds no secret
  void send(Announcement announcement, Instant now) throws DeliveryFailed, InterruptedException;
}
