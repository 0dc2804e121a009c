#!/bin/bash
# Bootstrap action of Amazon EMR: installs Node.js 22 from the packages of Amazon Linux 2023, on each node as it starts. May run again.
# The package brings `node-22`; `node` is a link of the alternatives system, which an older version that is there may hold.
set -eu
version=22

fail() {
  echo "emr-bootstrap.sh: $1" >&2
  exit 1
}

if ! command -v "node-$version" >/dev/null; then
  sudo dnf install -y -q "nodejs$version" ||
    fail "nodejs$version could not be installed: this needs Amazon Linux 2023 (emr-7 and later) and access to its package repositories, which lie on S3 (from a private subnet by an S3 endpoint)"
fi
if [ "$(node --version 2>/dev/null | cut -d. -f1)" != "v$version" ]; then
  sudo alternatives --set node "$(command -v "node-$version")" || fail "node-$version is there, but could not be made the node of this machine"
fi
found=$(node --version) || fail 'node does not run'
case $found in
  v2[0-9].*) echo "emr-bootstrap.sh: Node.js $found" ;;
  *) fail "node is $found, and the jobs need 20 or newer" ;;
esac
