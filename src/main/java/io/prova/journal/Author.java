package io.prova.journal;

/// Who writes records.
///
/// @param who the user of the operating system
/// @param host the machine's name
public record Author(String who, String host) {}
