#!/bin/bash
# What Prova costs beside PostgreSQL's bare programs: the same cluster, the same disk, in turns, in one run.
#
#   bench/overhead.sh            RUNS (3) rounds on a cluster of about SIZE_MB (2000)
#
# Bare: `pg_dump > file; sync`, `pg_basebackup` (plain, WAL streamed; it syncs by itself). Prova: the whole command, from
# the start of its launcher to its end: planning, the backup, digests of every byte, pg_verifybackup or reading back,
# retention; without the fingerprint, and with it, so that its cost is seen apart. Medians, ratios, losses too.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/bench/cluster.sh"

# What Prova adds to the same program; its own reading of the files is compared in bench/physical.sh.
sed -i '/^physical:/d' "$BASE/prova.yaml"
echo 'physical: { method: pg_basebackup }' >>"$BASE/prova.yaml"

bare_dump() { run "$PGBIN/pg_dump" -d bench -f "$BASE/bare/bench.sql" && run sync -f "$BASE/bare/bench.sql"; }
bare_copy() { run "$PGBIN/pg_basebackup" -D "$BASE/bare/copy" -X stream -c fast; }
bare_copy_sha() { run "$PGBIN/pg_basebackup" -D "$BASE/bare/copy" -X stream -c fast --manifest-checksums=SHA256 && run "$PGBIN/pg_verifybackup" -q "$BASE/bare/copy"; }
clean() { rm -rf "$BASE"/bare/* "$BASE"/repository/backupSQL/{logicos,fisicos,trash}/*; }

for ((round = 1; round <= RUNS; round++)); do
  echo "round $round of $RUNS" >&2
  seconds pg_dump bare_dump; clean
  seconds prova_logical prova backup --logical --no-fingerprint; clean
  seconds prova_logical_fingerprint prova backup --logical; clean
  seconds pg_basebackup bare_copy; clean
  seconds pg_basebackup_sha256_verified bare_copy_sha; clean
  seconds prova_physical prova backup --physical --no-fingerprint; clean
  seconds prova_physical_fingerprint prova backup --physical; clean
done

row() { printf '%-44s %8s s   %5.2f\n' "$1" "$(median "$2")" "$(awk -v a="$(median "$2")" -v b="$(median "$3")" 'BEGIN { print a / b }')"; }
echo "cluster $size MB, $(nproc) cores, PostgreSQL $("$PGBIN/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -1), medians of $RUNS runs; ratio to the bare program"
row "pg_dump, plain" pg_dump pg_dump
row "prova backup --logical, without fingerprint" prova_logical pg_dump
row "prova backup --logical" prova_logical_fingerprint pg_dump
row "pg_basebackup, plain" pg_basebackup pg_basebackup
row "  with SHA-256 manifest and pg_verifybackup" pg_basebackup_sha256_verified pg_basebackup
row "prova backup --physical, without fingerprint" prova_physical pg_basebackup
row "prova backup --physical" prova_physical_fingerprint pg_basebackup
