#!/bin/bash
# The nightly job, for cron, which gives a job hardly any environment and forgets its exit code:
#
#   17 3 * * * also-viewed /usr/local/lib/node_modules/also-viewed/scripts/nightly.sh /etc/also-viewed/also-viewed.yml
#
# in /etc/cron.d/also-viewed; options of `also-viewed run` may follow. It runs in the folder of the configuration, to which the paths in there
# are relative. See docs/operations.md, also for systemd.
#
# Settings, in the crontab or in a file `environment` beside the configuration, which systemd reads the same (EnvironmentFile=): a line each,
# NAME=value as it is, or NAME='value' where it has a backslash, begins with a quote, or begins or ends with a blank:
#   PATH             where also-viewed and node are; default: /usr/local/bin:/usr/bin:/bin
#   ALSO_VIEWED_LOG  file that the log is added to, a JSON object a line; without it, cron mails what the job says
#   and all that the job knows: ALSO_VIEWED_TARGET_PASSWORD_FILE, AWS_REGION, ...
#
# Each run opens the log anew, so that logrotate needs no command; docs/operations.md has its file.
set -euo pipefail

fail() {
  echo "nightly.sh: $1" >&2
  exit 78
}

[ $# -gt 0 ] || fail 'which configuration? Usage: nightly.sh /etc/also-viewed/also-viewed.yml [OPTION...]'
configuration=$(realpath -- "$1") || fail "$1 is not there"
shift
[ -r "$configuration" ] || fail "$configuration is not there, or not to be read"
here=$(dirname -- "$(realpath -- "$0")")
cd -- "$(dirname -- "$configuration")"

# Views and relations are nobody else's business. The file of the metrics is readable all the same.
umask 077
# cron's own is /usr/bin:/bin.
export PATH=/usr/local/bin:/usr/bin:/bin

if [ -e environment ]; then
  [ -f environment ] && [ -r environment ] || fail "$PWD/environment is no file that $(id -un) may read"
  case $(stat --dereference --format=%A environment) in
    ???????---) ;;
    *) fail "others may read $PWD/environment, which is for passwords: chmod o= it" ;;
  esac
  quoted="^'([^']*)'\$"
  odd="^['\"]|^[[:space:]]|[[:space:]]\$|\\\\"
  # Not `source`: a password may hold whatever the shell would take for its own. And nothing that systemd would take for its own (systemd.exec(5)).
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | '#'* | ';'*) continue ;; esac
    [[ $line =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || fail "$PWD/environment holds a line that is not NAME=value"
    name=${line%%=*}
    value=${line#*=}
    if [[ $value =~ $quoted ]]; then
      value=${BASH_REMATCH[1]}
    elif [[ $value =~ $odd ]]; then
      fail "$PWD/environment: put the value of $name in single quotes; one that holds these too, into a file (${name%_FILE}_FILE)"
    fi
    export "$name=$value"
  done <environment
fi

if [ -e "$here/../dist/cli/main.cjs" ]; then
  program=(node "$here/../dist/cli/main.cjs")
else
  program=(also-viewed)
fi
if [ -n "${ALSO_VIEWED_LOG:-}" ]; then
  # Tried first: where `exec` cannot, bash ends with 1. It says why itself.
  : >>"$ALSO_VIEWED_LOG" || exit 73
  exec >>"$ALSO_VIEWED_LOG" 2>&1
  set -- --log-format json "$@"
fi
# In the place of this shell, so that signals come to the job, and its exit code to whoever waits.
exec "${program[@]}" run --config "$configuration" "$@"
