#!/usr/bin/env bash
# MySQL, one of the two databases of the integration tests, as CACHE/mysql/mysqld. Delete CACHE/mysql to get a newer one.
set -eu
. "$(dirname "$0")/lib-install.sh"

if [ -x "$cache/mysql/mysqld" ]; then exit 0; fi
lock mysql
if [ -x "$cache/mysql/mysqld" ]; then exit 0; fi

say "Installing MySQL from Debian sid into $cache/mysql: the integration tests start private servers of it."
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || apt_install debian-archive-keyring

part=$cache/mysql.part
rm -rf "$part" "$cache/mysql"
mkdir -p "$part"/apt/{lists,archives}/partial "$part"/{root,tree/usr/sbin,tree/usr/share}

# The machine's own mirror has sid too; security archives and the like do not.
own_mirror() { apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk '$2 !~ /-/ { print $1; exit }'; }
mirror=$(own_mirror)
if [ -z "$mirror" ]; then
  quietly as_root apt-get -qq -y update || true
  mirror=$(own_mirror)
fi
[ -n "$mirror" ] || give_up 'Cannot fetch MySQL: apt knows no Debian mirror.'

# No stable Debian has MySQL. An apt of its own, to which nothing is installed yet, finds sid's package with all that it stands on, the C library
# included, without root and without touching the machine's packages. A mirror that lags is no reason to stop, as it is none for debootstrap.
echo "deb [signed-by=$keyring] $mirror sid main" >"$part/apt/sources.list"
touch "$part/apt/status"
sid_apt() {
  quietly apt-get -qq -y -o Dir::State="$part/apt" -o Dir::State::status="$part/apt/status" -o Dir::Cache="$part/apt" \
    -o Dir::Etc::SourceList="$part/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
    -o Dir::Etc::PreferencesParts=/dev/null -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false \
    "$@" || give_up 'Cannot fetch MySQL from Debian sid, see above.'
}
sid_apt update
sid_apt --no-install-recommends --download-only install mysql-server-core
for package in "$part"/apt/archives/*.deb; do dpkg-deb --extract "$package" "$part/root"; done

mv "$part/root/usr/sbin/mysqld" "$part/tree/usr/sbin/"
mv "$part/root/usr/lib" "$part/tree/usr/"
mv "$part/root/usr/share/mysql" "$part/tree/usr/share/"
loader=$(cd "$part/tree" && echo usr/lib/*-linux-gnu*/ld-linux-*.so.*)
# sid's C library is newer than the machine's, so the program runs on the one that came with it. It keeps its place when the cache is moved.
cat >"$part/tree/mysqld" <<LAUNCHER
#!/bin/sh
here=\${0%/*}
exec "\$here/$loader" --library-path "\$here/${loader%/*}" "\$here/usr/sbin/mysqld" --no-defaults --basedir="\$here/usr" "\$@"
LAUNCHER
chmod +x "$part/tree/mysqld"
"$part/tree/mysqld" --version >/dev/null || give_up "Cannot run the MySQL in $part/tree, see above."

mv "$part/tree" "$cache/mysql"
rm -rf "$part"
