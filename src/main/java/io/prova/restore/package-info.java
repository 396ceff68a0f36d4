/// Bringing data back. Logical: [LogicalRestoreRun] loads one database beside the others and
/// renames it at the end. Physical: [PhysicalCopy] puts a verified copy into an empty place,
/// [InPlaceRestoreRun] carries out the plan's stop, replace, start, check. [RecoverRun] walks the
/// ladder of restore points until one succeeds.
@NullMarked
package io.prova.restore;

import org.jspecify.annotations.NullMarked;
