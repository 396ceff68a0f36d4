/// Not built yet: the WAL archive, and with it recovery to any moment: push, get, receive, gaps,
/// recovery windows.
///
/// Its place is fixed: a feature beside `backup` and `restore`, on `catalog` and `postgres`. Until
/// it is there, what was written after the last backup is lost with the cluster, and `prova
/// recover` says how much that is.
@NullMarked
package io.prova.wal;

import org.jspecify.annotations.NullMarked;
