package io.prova.storage;

/// An object as a listing shows it.
///
/// @param bytes how long it is
public record ObjectStat(Key key, long bytes) {}
