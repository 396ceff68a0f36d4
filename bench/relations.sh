#!/bin/bash
# Physical backup and restore of a cluster with very many small relations: wall time, and the most memory that the
# largest process of each command had. pgBackRest beside it, if it is installed.
#
#   RELATIONS (200000) files of relations: a quarter as many tables, each with an index, a TOAST table and its index
#   MEMORY (-Xmx256m -XX:MaxDirectMemorySize=128m) what Prova may have
#   RUNS, BASE, KEEP as in cluster.sh
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RUNS:=1}"
: "${RELATIONS:=200000}"
: "${MEMORY:=-Xmx256m -XX:MaxDirectMemorySize=128m}"
SIZE_MB=60
. "$here/bench/cluster.sh"

printf '%s\n' 'fsync = off' 'full_page_writes = off' 'max_locks_per_transaction = 1024' >>"$BASE/data/postgresql.conf"
run "$PGBIN/pg_ctl" -D "$BASE/data" -w -s -l "$BASE/server.log" restart
echo "making $RELATIONS relations ..." >&2
for half in 0 1; do
  run "$PGBIN/psql" -q -d bench -c "DO \$\$ BEGIN
    FOR i IN 1 .. $((RELATIONS / 8)) LOOP
      EXECUTE format('CREATE TABLE r%s (id int PRIMARY KEY, what text)', $half * $((RELATIONS / 8)) + i);
      EXECUTE format('INSERT INTO r%s VALUES (%s, %L)', $half * $((RELATIONS / 8)) + i, i, 'row ' || i);
      IF i % 200 = 0 THEN COMMIT; END IF;
    END LOOP; END \$\$" &
  makers[half]=$!
done
wait "${makers[0]}" "${makers[1]}"
run "$PGBIN/psql" -q -d bench -c CHECKPOINT
echo "$(find "$BASE/data/base" -type f | wc -l) files, $(du -sm "$BASE/data" | cut -f1) MB" >&2

sed -i '/^physical:/d' "$BASE/prova.yaml"
echo 'physical: { method: local }' >>"$BASE/prova.yaml"
export PROVA_JAVA_OPTS=$MEMORY
target=$BASE/bare/target

measured() { # measured NAME COMMAND... : wall time, and the memory of its largest process
  local name=$1
  shift
  seconds "$name" python3 -c '
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:], stdout=subprocess.DEVNULL)
with open(sys.argv[1], "a") as out:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=out)
sys.exit(code)' "$BASE/$name.mib" "$@"
  echo "$name: $(tail -1 "$BASE/$name.seconds") s, $(tail -1 "$BASE/$name.mib") MiB" >&2
}
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=postgres "--regid=$(id -g postgres)" --init-groups env "HOME=$BASE")
fi
command=("${as[@]}" "$here/prova" --config "$BASE/prova.yaml" --quiet)
pgbackrest=$(command -v pgbackrest || true)
if [ -n "$pgbackrest" ]; then
  install -d -m 700 -o "$owner" "$BASE/peer" "$BASE/bare-lock" "$BASE/bare-spool"
  {
    printf '[global]\nrepo1-path=%s/peer\nrepo1-bundle=y\ncompress-type=zst\ncompress-level=1\nprocess-max=2\nstart-fast=y\n' "$BASE"
    printf 'archive-check=n\nlog-level-console=warn\nlog-level-file=off\nlock-path=%s/bare-lock\nspool-path=%s/bare-spool\n' "$BASE" "$BASE"
    printf '[bench]\npg1-path=%s/data\npg1-socket-path=%s/socket\npg1-user=postgres\n' "$BASE" "$BASE"
  } >"$BASE/peer.conf"
  chown "$owner" "$BASE/peer.conf"
  peer=("${as[@]}" pgbackrest "--config=$BASE/peer.conf" --stanza=bench)
  (cd / && "${peer[@]}" stanza-create --no-online)
fi

cd /
for ((round = 1; round <= RUNS; round++)); do
  echo "round $round of $RUNS" >&2
  if [ -n "$pgbackrest" ]; then measured peer "${peer[@]}" backup --type=full; fi
  measured prova "${command[@]}" backup --physical --no-fingerprint
  label=$(ls "$BASE/repository/backupSQL/fisicos")
  measured prova_verify "${command[@]}" verify --deep "$label"
  measured prova_restore "${command[@]}" restore --no-validate --to "$target" "$label"
  rm -rf "$target" "$BASE"/repository/backupSQL/{fisicos,trash}/*
  if [ -n "$pgbackrest" ]; then
    run mkdir "$target"
    measured peer_restore "${peer[@]}" restore "--pg1-path=$target" --type=immediate
    rm -rf "$BASE"/peer/backup/bench/2* "$target"
  fi
done

row() { # row TEXT NAME
  printf '%-36s %8s s %8s s CPU %6s MiB\n' "$1" "$(median "$2")" "$(median "$2" cpu)" "$(median "$2" mib)"
}
echo "$RELATIONS relations, $(nproc) cores, Prova with $MEMORY, medians of $RUNS runs; memory of the largest process"
if [ -n "$pgbackrest" ]; then row "$(pgbackrest version | tr '[:upper:]' '[:lower:]') backup, 2 processes" peer; fi
row "prova backup, local" prova
row "prova verify --deep" prova_verify
if [ -n "$pgbackrest" ]; then row "pgbackrest restore" peer_restore; fi
row "prova restore" prova_restore
