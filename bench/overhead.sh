#!/bin/bash
# What Prova costs beside PostgreSQL's bare programs: the same cluster, the same disk, in turns, in one run.
#
#   bench/overhead.sh            RUNS (3) rounds on a cluster of about SIZE_MB (2000)
#
# Bare: `pg_dump > file; sync`, `pg_basebackup` (plain, WAL streamed; it syncs by itself). Prova: the whole command, from
# the start of its launcher to its end: planning, the backup, digests of every byte, pg_verifybackup or reading back,
# retention; without the fingerprint, and with it, so that its cost is seen apart. Medians, ratios, losses too.
# Needs PostgreSQL's server and client programs; runs as root (servers as user postgres) or as an ordinary user.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RUNS:=3}"
: "${SIZE_MB:=2000}"
: "${BASE:=$(mktemp -d "${TMPDIR:-/tmp}/prova-bench-XXXX")}"
if [ -z "${PGBIN:-}" ]; then
  for each in /usr/lib/postgresql/*/bin; do if [ -x "$each/initdb" ]; then PGBIN=$each; fi; done
fi
chmod 755 "$BASE"
owner=$(id -un)
run() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  owner=postgres
  run() { (cd / && exec setpriv --reuid=postgres --regid="$(id -g postgres)" --init-groups env HOME="$BASE" "$@"); }
fi
for each in data socket repository state bare; do install -d -m 700 -o "$owner" "$BASE/$each"; done
install -m 600 -o "$owner" /dev/null "$BASE/server.log"
export PGHOST=$BASE/socket PGUSER=postgres PGDATABASE=postgres LC_ALL=C

stop() {
  run "$PGBIN/pg_ctl" -D "$BASE/data" -m immediate -s stop || true
  rm -rf "$BASE"
}
if [ -z "${KEEP:-}" ]; then trap stop EXIT; fi

echo "making a cluster of about $SIZE_MB MB in $BASE ..." >&2
run "$PGBIN/initdb" -k -A trust -U postgres -E UTF8 --locale=C -D "$BASE/data" >/dev/null
cat >>"$BASE/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$BASE/socket'
shared_buffers = 512MB
max_wal_size = 8GB
autovacuum = off
CONF
run "$PGBIN/pg_ctl" -D "$BASE/data" -w -s -l "$BASE/server.log" start
run "$PGBIN/createdb" bench
run "$PGBIN/pgbench" -i -q -s $((SIZE_MB / 30)) bench 2>/dev/null
# Half of it is less uniform than pgbench's tables: text, JSON, numbers.
run "$PGBIN/psql" -q -d bench -c "CREATE TABLE mixed AS
  SELECT i AS id, md5(i::text) AS word, now() + i * interval '1 s' AS at, random() AS value,
         jsonb_build_object('n', i, 'tag', md5((i * 7)::text)) AS detail
  FROM generate_series(1, $((SIZE_MB * 2600))) i" -c "VACUUM FREEZE" -c CHECKPOINT
size=$(du -sm "$BASE/data" | cut -f1)
cat >"$BASE/prova.yaml" <<YAML
connection: { host: "$BASE/socket", port: 5432, user: postgres, dbname: postgres }
repository: $BASE/repository/backupSQL
state_directory: $BASE/state
YAML
chown "$owner" "$BASE/prova.yaml"
"$here/prova" --version >/dev/null
prova() { run "$here/prova" --config "$BASE/prova.yaml" --quiet "$@" >/dev/null 2>&1; }
prova init || true

seconds() { # seconds NAME COMMAND... : appends the wall time of one run
  local name=$1 begin end
  shift
  find "$BASE/data" -type f -print0 | xargs -0 cat >/dev/null # the same warm cache for everybody
  sync
  begin=$(date +%s.%N)
  "$@"
  end=$(date +%s.%N)
  awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.2f\n", b - a }' >>"$BASE/$name.seconds"
}
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

median() { sort -n "$BASE/$1.seconds" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
row() { printf '%-44s %8s s   %5.2f\n' "$1" "$(median "$2")" "$(awk -v a="$(median "$2")" -v b="$(median "$3")" 'BEGIN { print a / b }')"; }
echo "cluster $size MB, $(nproc) cores, PostgreSQL $("$PGBIN/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -1), medians of $RUNS runs; ratio to the bare program"
row "pg_dump, plain" pg_dump pg_dump
row "prova backup --logical, without fingerprint" prova_logical pg_dump
row "prova backup --logical" prova_logical_fingerprint pg_dump
row "pg_basebackup, plain" pg_basebackup pg_basebackup
row "  with SHA-256 manifest and pg_verifybackup" pg_basebackup_sha256_verified pg_basebackup
row "prova backup --physical, without fingerprint" prova_physical pg_basebackup
row "prova backup --physical" prova_physical_fingerprint pg_basebackup
