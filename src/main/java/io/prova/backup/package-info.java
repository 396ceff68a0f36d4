/// Taking backups. `logical/` dumps databases with pg_dump, `physical/` copies the cluster with
/// pg_basebackup. Each has a planner (a plan is a record one can print: that is `--dry-run`) and a
/// run, the recipe.
@NullMarked
package io.prova.backup;

import org.jspecify.annotations.NullMarked;
