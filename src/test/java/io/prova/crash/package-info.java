/// Prova against the things that happen to programs: killed at any moment, disks that are full or
/// fail, child programs that lie, two at once. Each test runs the real program as a process.
///
/// Start reading at [io.prova.crash.CrashSweepTest].
package io.prova.crash;
