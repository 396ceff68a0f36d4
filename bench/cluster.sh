#!/bin/bash
# What the benchmarks share: a cluster in a directory of its own, a repository beside it, and measuring. Sourced with
# `here` set to the project's directory.
#
#   RUNS (3), SIZE_MB (2000), BASE (a new directory), KEEP (leave everything and the server running)
#
# Needs PostgreSQL's server and client programs; runs as root (servers as user postgres) or as an ordinary user.
set -euo pipefail
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

# The processor time of the whole machine so far, in hundredths of a second: the server's share is in it.
machine_cpu() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8; exit }' /proc/stat; }

seconds() { # seconds NAME COMMAND... : appends the wall time of one run, and the processor time
  local name=$1 begin end cpu
  shift
  find "$BASE/data" -type f -print0 | xargs -0 cat >/dev/null # the same warm cache for everybody
  sync
  cpu=$(machine_cpu)
  begin=$(date +%s.%N)
  "$@"
  end=$(date +%s.%N)
  awk -v a="$cpu" -v b="$(machine_cpu)" 'BEGIN { printf "%.2f\n", (b - a) / 100 }' >>"$BASE/$name.cpu"
  awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.2f\n", b - a }' >>"$BASE/$name.seconds"
}
median() { # median NAME [seconds | cpu | bytes]
  sort -n "$BASE/$1.${2:-seconds}" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
