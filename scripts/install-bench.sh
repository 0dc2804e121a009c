#!/usr/bin/env bash
# GNU time, with which the benchmarks measure processor time and memory.
set -eu
. "$(dirname "$0")/lib-install.sh"

if [ -x /usr/bin/time ]; then exit 0; fi
say 'Installing GNU time from Debian: the benchmarks measure with it.'
apt_install time
