# shellcheck shell=sh
# What `prova` and `test` need on the machine, found or installed. Sourced; expects $home.
# Anything that cannot be had ends with one message that says what to type.

dist=$home/target/dist

say() { printf '%s\n' "$*" >&2; }

die() {
  say "prova: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 70
}

# Installs Debian packages: package...; fails when that is not possible here.
apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return 1; fi
  say "prova: installing $* ..."
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
  DEBIAN_FRONTEND=noninteractive apt-get update >/dev/null 2>&1 || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
}

# The directory of a JDK 25, whatever the default `java` is. A newer JDK does not do: class files and the
# AOT cache are made for this one.
find_jdk() {
  for candidate in "${PROVA_JDK:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/*25* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/25* "${HOME:-/nonexistent}"/.jdks/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if [ -x "$candidate/bin/javac" ] && grep -q '^JAVA_VERSION="25[".]' "$candidate/release" 2>/dev/null; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  on_path=$(command -v javac 2>/dev/null) || return 1
  on_path=$(readlink -f "$on_path")
  on_path=${on_path%/bin/javac}
  if grep -q '^JAVA_VERSION="25[".]' "$on_path/release" 2>/dev/null; then printf '%s\n' "$on_path"; else return 1; fi
}

need_jdk() {
  jdk=$(find_jdk) && return 0
  if apt_install openjdk-25-jdk-headless; then jdk=$(find_jdk) && return 0; fi
  die "no JDK 25 found (looked in PROVA_JDK, JAVA_HOME, /usr/lib/jvm, /opt, PATH)" \
    "Install one, for example Eclipse Temurin 25 (package temurin-25-jdk) or openjdk-25-jdk-headless," \
    "or say where it is: PROVA_JDK=/path/to/jdk-25 $home/prova ..."
}

need_maven() {
  if command -v mvn >/dev/null 2>&1; then return 0; fi
  if apt_install maven && command -v mvn >/dev/null 2>&1; then return 0; fi
  die "Apache Maven (mvn) is not installed, and it is needed to build Prova once" \
    "As root: apt-get install maven"
}

# A PostgreSQL server (initdb, postgres) and its client programs, of any supported major.
need_postgresql() {
  for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do
    if [ -x "$bin/initdb" ] && [ -x "$bin/pg_basebackup" ] && [ -x "$bin/pg_amcheck" ]; then return 0; fi
  done
  if command -v initdb >/dev/null 2>&1 && command -v pg_basebackup >/dev/null 2>&1; then return 0; fi
  if apt_install postgresql postgresql-contrib; then return 0; fi
  die "PostgreSQL's server and client programs are not installed" \
    "As root: apt-get install postgresql postgresql-contrib" \
    "(the demo and the tests start servers of their own in private directories; they do not touch others)"
}

maven() { JAVA_HOME=$jdk mvn -B -f "$home/pom.xml" "$@"; }

# Builds the program into target/dist, with its AOT cache, and writes `built` last: the name of the java to run.
build() {
  if [ ! -w "$home" ] || { [ -d "$home/target" ] && [ ! -w "$home/target" ]; }; then
    if [ -f "$dist/built" ]; then
      say "prova: the sources are newer than the program, and $home/target cannot be written; running the older program"
      return 0
    fi
    die "$home cannot be written by $(id -un), and the program is not built yet" \
      "Run $home/prova --version once as the owner of that directory."
  fi
  need_jdk
  need_maven
  mkdir -p "$home/target"
  exec 9>"$home/target/build.lock"
  flock 9
  say "prova: building once with $jdk (log: $home/target/build.log) ..."
  rm -f "$dist/built"
  if ! maven -DskipTests -Dspotless.check.skip=true -Dmaven.test.skip=true package >"$home/target/build.log" 2>&1; then
    tail -30 "$home/target/build.log" >&2
    die "the build failed; the whole log is $home/target/build.log"
  fi
  make_aot_cache
  printf '%s\n' "$jdk/bin/java" >"$dist/built.new"
  mv "$dist/built.new" "$dist/built"
  exec 9>&-
}

# The cache is made by the program that will use it, in one training run. Without it everything works, slower.
make_aot_cache() {
  rm -f "$dist/prova.aot"
  training=$(mktemp -d)
  LC_ALL=C.UTF-8 "$jdk/bin/java" -Xlog:disable -XX:+UseSerialGC -XX:AOTCacheOutput="$dist/prova.aot" \
    --enable-native-access=ALL-UNNAMED -cp "$dist/prova.jar:$dist/lib/*" \
    io.prova.AotTraining "$training" >>"$home/target/build.log" 2>&1 || rm -f "$dist/prova.aot"
  rm -rf "$training"
}
