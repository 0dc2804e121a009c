#!/usr/bin/env bash
# GNU time, with which the benchmarks measure processor time and memory, and the peers beside which they run: `mysqlimport` from Debian, DuckDB
# from npm and SciPy from PyPI, the latter two in the cache folder. The project does not depend on any.
set -eu
. "$(dirname "$0")/lib-install.sh"

duckdb=1.5.6-r.1
scipy=1.17.1

if [ ! -x /usr/bin/time ]; then
  say 'Installing GNU time from Debian: the benchmarks measure with it.'
  apt_install time
fi

if ! command -v mysqlimport >/dev/null; then
  say 'Installing mysqlimport from Debian: the benchmarks publish beside it.'
  apt_install mariadb-client
fi

lock bench
peers=$cache/bench
if [ ! -d "$peers/duckdb-$duckdb" ]; then
  say "Installing DuckDB $duckdb from npm: the benchmarks run beside it."
  rm -rf "$peers/duckdb.new"
  mkdir -p "$peers/duckdb.new"
  printf '{"private":true}\n' >"$peers/duckdb.new/package.json"
  quietly npm install --prefix "$peers/duckdb.new" --no-audit --no-fund "@duckdb/node-api@$duckdb" || give_up 'Cannot install DuckDB: npm failed, see above.'
  mv "$peers/duckdb.new" "$peers/duckdb-$duckdb"
fi
if [ ! -d "$peers/scipy-$scipy" ]; then
  say "Installing SciPy $scipy from PyPI: the benchmarks run beside it."
  rm -rf "$peers/scipy.new"
  command -v python3 >/dev/null || apt_install python3 python3-venv
  mkdir -p "$peers"
  quietly python3 -m venv "$peers/scipy.new" || give_up 'Cannot make a Python environment: see above.'
  quietly "$peers/scipy.new/bin/pip" install -q "scipy==$scipy" || give_up 'Cannot install SciPy: pip failed, see above.'
  mv "$peers/scipy.new" "$peers/scipy-$scipy"
fi
ln -sfn "duckdb-$duckdb" "$peers/duckdb"
ln -sfn "scipy-$scipy" "$peers/scipy"
