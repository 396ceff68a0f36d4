# shellcheck shell=sh
# What `prova` and `test` need on the machine, found or installed. Sourced; expects $home.
# Anything that cannot be had ends with one message that says what to type.

dist=$home/target/dist

say() { printf '%s\n' "$*" >&2; }

# The text in the user's language: English, Portuguese. The program keeps its own in pt.po.
t() {
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    pt*) printf '%s' "$2" ;;
    *) printf '%s' "$1" ;;
  esac
}

die() {
  say "prova: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 70
}

# Installs Debian packages: package...; fails when that is not possible here.
apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return 1; fi
  say "prova: $(t "installing" "instalando") $* ..."
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
  die "$(t "no JDK 25 found (looked in PROVA_JDK, JAVA_HOME, /usr/lib/jvm, /opt, PATH)" \
    "nenhum JDK 25 encontrado (procurado em PROVA_JDK, JAVA_HOME, /usr/lib/jvm, /opt, PATH)")" \
    "$(t "Install one, for example Eclipse Temurin 25 (package temurin-25-jdk) or openjdk-25-jdk-headless," \
      "Instale um, por exemplo o Eclipse Temurin 25 (pacote temurin-25-jdk) ou o openjdk-25-jdk-headless,")" \
    "$(t "or say where it is: PROVA_JDK=/path/to/jdk-25 $home/prova ..." \
      "ou diga onde ele está: PROVA_JDK=/caminho/do/jdk-25 $home/prova ...")"
}

need_maven() {
  if command -v mvn >/dev/null 2>&1; then return 0; fi
  if apt_install maven && command -v mvn >/dev/null 2>&1; then return 0; fi
  die "$(t "Apache Maven (mvn) is not installed, and it is needed to build Prova once" \
    "o Apache Maven (mvn) não está instalado, e é necessário para compilar o Prova uma vez")" \
    "$(t "As root" "Como root"): apt-get install maven"
}

# A PostgreSQL server (initdb, postgres) and its client programs, of any supported major.
need_postgresql() {
  for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do
    if [ -x "$bin/initdb" ] && [ -x "$bin/pg_basebackup" ] && [ -x "$bin/pg_amcheck" ]; then return 0; fi
  done
  if command -v initdb >/dev/null 2>&1 && command -v pg_basebackup >/dev/null 2>&1; then return 0; fi
  if apt_install postgresql postgresql-contrib; then return 0; fi
  die "$(t "PostgreSQL's server and client programs are not installed" \
    "os programas de servidor e de cliente do PostgreSQL não estão instalados")" \
    "$(t "As root" "Como root"): apt-get install postgresql postgresql-contrib" \
    "$(t "(the demo and the tests start servers of their own in private directories; they do not touch others)" \
      "(a demonstração e os testes iniciam servidores próprios em diretórios particulares; não tocam em outros)")"
}

# What restores a backup without Prova, as the tests do.
need_rescue_programs() {
  # Without age, the tests that hold our encryption against it are left out; the others need nothing of it.
  command -v age >/dev/null 2>&1 || apt_install age || say "$(t "age is not installed: tests that need it are left out" \
    "o age não está instalado: os testes que precisam dele ficam de fora")"
  if command -v zstd >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then return 0; fi
  if apt_install zstd python3; then return 0; fi
  die "$(t "zstd and python3 are not installed, and the tests restore backups with them" \
    "o zstd e o python3 não estão instalados, e os testes restauram backups com eles")" \
    "$(t "As root" "Como root"): apt-get install zstd python3"
}

maven() { JAVA_HOME=$jdk mvn -B -f "$home/pom.xml" "$@"; }

# Builds the program into target/dist, with its AOT cache, and writes `built` last: the name of the java to run.
build() {
  if [ ! -w "$home" ] || { [ -d "$home/target" ] && [ ! -w "$home/target" ]; }; then
    if [ -f "$dist/built" ]; then
      say "prova: $(t "the sources are newer than the program, and $home/target cannot be written; running the older program" \
        "os fontes são mais novos que o programa, e não é possível gravar em $home/target; executando o programa mais antigo")"
      return 0
    fi
    die "$(t "$home cannot be written by $(id -un), and the program is not built yet" \
      "$(id -un) não pode gravar em $home, e o programa ainda não foi compilado")" \
      "$(t "Run $home/prova --version once as the owner of that directory." \
        "Execute $home/prova --version uma vez como o dono desse diretório.")"
  fi
  need_jdk
  need_maven
  mkdir -p "$home/target"
  exec 9>"$home/target/build.lock"
  flock 9
  say "prova: $(t "building once with" "compilando uma vez com") $jdk (log: $home/target/build.log) ..."
  rm -f "$dist/built"
  if ! maven -DskipTests -Dspotless.check.skip=true -Dmaven.test.skip=true package >"$home/target/build.log" 2>&1; then
    tail -30 "$home/target/build.log" >&2
    die "$(t "the build failed; the whole log is" "a compilação falhou; o log completo é") $home/target/build.log"
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
