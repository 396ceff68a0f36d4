#!/bin/bash
# Physical backup and restore beside the other tools of this machine and beside its limits: the same cluster, the same
# disk, in turns, in one run.
#
#   bench/physical.sh            RUNS (3) rounds on a cluster of about SIZE_MB (2000)
#
# Limits: reading all files from the cache; `tar | zstd -1` with all cores; a copy with sync. pg_basebackup: compressed
# by the server, and by the client, zstd 3 with 2 workers. pgBackRest, if it is installed: zstd 1, bundles, blocks if it
# has them, 2 processes, without WAL. Prova: the whole command, `physical.method: local`, zstd 1, its WAL and its
# reading back of every stored byte included, without the fingerprint. Restores go into an empty directory and are
# synced, Prova's without the start of a server that it usually checks the data with. Wall time, processor time of the
# whole machine, stored bytes; medians, ratios, losses too.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/bench/cluster.sh"

sed -i '/^physical:/d' "$BASE/prova.yaml"
echo 'physical: { method: local }' >>"$BASE/prova.yaml"
target=$BASE/bare/target

stored() { # stored NAME DIRECTORY
  du -sb "$2" | cut -f1 >>"$BASE/$1.bytes"
}
clean() { rm -rf "$BASE"/bare/* "$BASE"/repository/backupSQL/{logicos,fisicos,trash}/*; }

read_all() { find "$BASE/data" -type f -print0 | xargs -0 cat >/dev/null; }
zstd_all() { tar c -C "$BASE" --exclude=pg_wal data 2>/dev/null | zstd -1 -T0 -q >/dev/null; }
copy_all() { run cp -r "$BASE/data" "$target" && run sync -f "$target"; }
server_side() { run "$PGBIN/pg_basebackup" -D "$BASE/bare/copy" -F tar -X fetch -c fast --compress=server-zstd:level=3,workers=2; }
client_side() { run "$PGBIN/pg_basebackup" -D "$BASE/bare/copy" -F tar -X stream -c fast --compress=client-zstd:level=3,workers=2; }
unpack_tar() { run mkdir "$target" && run sh -c "zstd -dcq '$BASE/bare/copy/base.tar.zst' | tar x -C '$target'" && run sync -f "$target"; }
prova_backup() { prova backup --physical --no-fingerprint; }
prova_restore() { prova restore --no-validate --to "$target" "$(ls "$BASE/repository/backupSQL/fisicos")"; }

pgbackrest=$(command -v pgbackrest || true)
if [ -n "$pgbackrest" ]; then
  install -d -m 700 -o "$owner" "$BASE/peer"
  {
    printf '[global]\nrepo1-path=%s/peer\nrepo1-bundle=y\ncompress-type=zst\ncompress-level=1\nprocess-max=2\nstart-fast=y\n' "$BASE"
    printf 'archive-check=n\nlog-level-console=warn\nlog-level-file=off\nlock-path=%s/bare-lock\nspool-path=%s/bare-spool\n' "$BASE" "$BASE"
    if printf '%s\n' 2.46 "$(pgbackrest version | tr -dc 0-9.)" | sort -V -C; then echo repo1-block=y; fi # beta before
    printf '[bench]\npg1-path=%s/data\npg1-socket-path=%s/socket\npg1-user=postgres\n' "$BASE" "$BASE"
  } >"$BASE/peer.conf"
  chown "$owner" "$BASE/peer.conf"
  install -d -m 700 -o "$owner" "$BASE/bare-lock" "$BASE/bare-spool"
  peer() { run pgbackrest --config="$BASE/peer.conf" --stanza=bench "$@" >>"$BASE/peer.log" 2>&1; }
  peer stanza-create --no-online || { cat "$BASE/peer.log" >&2; exit 1; }
  peer_backup() { peer backup --type=full || { cat "$BASE/peer.log" >&2; exit 1; }; }
  peer_restore() { peer restore --pg1-path="$target" --type=immediate && run sync -f "$target"; }
fi

for ((round = 1; round <= RUNS; round++)); do
  echo "round $round of $RUNS" >&2
  seconds read read_all
  seconds zstd zstd_all
  seconds copy copy_all; clean
  seconds server server_side; stored server "$BASE/bare/copy"
  seconds server_restore unpack_tar; clean
  seconds client client_side; stored client "$BASE/bare/copy"; clean
  if [ -n "$pgbackrest" ]; then
    rm -rf "$BASE"/peer/backup/bench/2*
    seconds peer peer_backup; stored peer "$BASE/peer/backup"
    seconds peer_restore peer_restore; clean
  fi
  seconds prova prova_backup; stored prova "$BASE/repository/backupSQL/fisicos"
  seconds prova_restore prova_restore; clean
done

row() { # row TEXT NAME BASE
  printf '%-42s %7s s %5.2f   %7s s CPU' "$1" "$(median "$2")" "$(awk -v a="$(median "$2")" -v b="$(median "$3")" 'BEGIN { print a / b }')" "$(median "$2" cpu)"
  if [ -f "$BASE/$2.bytes" ]; then awk -v b="$(median "$2" bytes)" 'BEGIN { printf "   %7.0f MB", b / 1e6 }'; fi
  echo
}
echo "cluster $size MB with WAL, $(nproc) cores, PostgreSQL $("$PGBIN/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -1), medians of $RUNS runs; ratios to pg_basebackup, and for restores to unpacking its tar"
row "limit: read all files" read server
row "limit: tar | zstd -1, all cores" zstd server
row "pg_basebackup, server-side zstd 3" server server
row "pg_basebackup, client-side zstd 3" client server
if [ -n "$pgbackrest" ]; then row "$(pgbackrest version | tr '[:upper:]' '[:lower:]'), zstd 1" peer server; fi
row "prova backup, local, zstd 1" prova server
row "limit: cp -r and sync" copy server_restore
row "restore: zstd -d | tar x" server_restore server_restore
if [ -n "$pgbackrest" ]; then row "restore: pgbackrest" peer_restore server_restore; fi
row "restore: prova" prova_restore server_restore
