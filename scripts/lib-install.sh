# Sourced by the install-*.sh scripts: the cache folder, one installer at a time, Debian packages.
# shellcheck shell=bash

cache=$(realpath -m -- "${ALSO_VIEWED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/also-viewed}")

say() { printf '%s\n' "$*" >&2; }

# 69 is EX_UNAVAILABLE, as everywhere in this project.
give_up() {
  say "$*"
  exit 69
}

# Holds the lock NAME until the shell ends. What a killed installer left behind is then nobody's, and may be deleted.
lock() {
  mkdir -p "$cache"
  local fd
  exec {fd}>"$cache/$1.lock"
  flock "$fd"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Runs a command whose output matters only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" </dev/null >"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
}

# The package lists are fetched only if the ones at hand are missing or so old that the packages have left the mirror.
# A subshell, so that the lock ends with the function: a second call would wait for the first for ever.
apt_install() (
  command -v apt-get >/dev/null || give_up "Cannot install $*: this needs apt-get (Debian or Ubuntu). Install the programs by hand."
  lock apt
  apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600)
  if ! quietly "${apt[@]}" --no-install-recommends install "$@" 2>/dev/null; then
    # A broken third-party source fails the update, yet need not concern these packages.
    quietly "${apt[@]}" update || true
    quietly "${apt[@]}" --no-install-recommends install "$@" || give_up "Cannot install $*: apt-get failed, see above."
  fi
)

# need_java WHAT: a Java runtime, on which WHAT runs.
need_java() {
  if ! command -v java >/dev/null; then
    say "Installing a Java runtime from Debian: $1 runs on it."
    apt_install default-jre-headless
  fi
}

# fetch_jars GOAL ARGUMENTS: what Maven's dependency plugin fetches from Maven Central, with its own downloads in the cache folder.
# -C: a download whose checksum differs is an error, not a warning. The plugin's version is named so that it is the same one tomorrow.
# A subshell, so that the lock ends with the function: Maven's folder is for one process at a time.
fetch_jars() (
  if ! command -v mvn >/dev/null; then
    say 'Installing Maven from Debian: it fetches jars for the tests.'
    apt_install maven
  fi
  lock maven
  quietly mvn -q -B -C -Dmaven.repo.local="$cache/m2" "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:$1" "${@:2}"
)
