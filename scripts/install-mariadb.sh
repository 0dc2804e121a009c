#!/usr/bin/env bash
# MariaDB, one of the two databases of the integration tests: `mariadbd`, `mariadb-install-db` and the clients `mariadb` and `mysql`;
# and openssl, which makes the certificates of the TLS tests.
set -eu
. "$(dirname "$0")/lib-install.sh"
# Debian keeps mariadbd in a folder that is not on an ordinary user's PATH.
PATH=$PATH:/usr/sbin

installed() {
  command -v mariadbd && command -v mariadb-install-db && command -v mariadb && command -v mysql && command -v openssl
} >/dev/null

if installed; then exit 0; fi
lock mariadb
if installed; then exit 0; fi

say 'Installing MariaDB from Debian: the integration tests start private servers of it.'
# The -core packages hold the programs alone, no service: nothing is started, and a server that runs already is left alone.
apt_install mariadb-server-core mariadb-client-core openssl
installed || give_up 'Cannot use MariaDB: the packages mariadb-server-core, mariadb-client-core and openssl lack one of the programs.'
