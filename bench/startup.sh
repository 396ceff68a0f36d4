#!/bin/bash
# How long the shortest command takes: by the launcher, with its AOT cache, and by plain `java -jar`, in turns.
#
#   bench/startup.sh             RUNS (20) of each; medians
#
# Run it on a machine that does nothing else.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RUNS:=20}"
"$here/prova" --version >/dev/null # builds, if that is needed
read -r java <"$here/target/dist/built"
milliseconds() {
  local begin=$EPOCHREALTIME
  "$@" >/dev/null
  local end=$EPOCHREALTIME
  echo $(((${end/./} - ${begin/./}) / 1000))
}
launcher=()
plain=()
for ((run = 1; run <= RUNS; run++)); do
  launcher+=("$(milliseconds "$here/prova" --version)")
  plain+=("$(milliseconds "$java" -jar "$here/target/dist/prova.jar" --version)")
done
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
echo "$(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg), medians of $RUNS runs"
echo "./prova --version                             $(median "${launcher[@]}") ms"
echo "java -jar target/dist/prova.jar --version     $(median "${plain[@]}") ms"
