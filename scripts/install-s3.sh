#!/usr/bin/env bash
# S3Proxy, the S3 server of the integration tests, as CACHE/s3proxy-VERSION.jar. Chosen because it checks signatures and digests as S3 does.
set -eu
. "$(dirname "$0")/lib-install.sh"

# Keep in step with test/services/s3.ts.
version=4.1.0
jar=$cache/s3proxy-$version.jar

installed() { [ -f "$jar" ] && command -v java >/dev/null; }

if installed; then exit 0; fi
lock s3
if installed; then exit 0; fi

if ! command -v java >/dev/null; then
  say 'Installing a Java runtime from Debian: S3Proxy, the S3 server of the integration tests, runs on it.'
  apt_install default-jre-headless
fi
if [ -f "$jar" ]; then exit 0; fi

if ! command -v mvn >/dev/null; then
  say 'Installing Maven from Debian: it fetches S3Proxy, the S3 server of the integration tests.'
  apt_install maven
fi
say "Installing S3Proxy $version from Maven Central into $cache: the integration tests start a private S3 server."
part=$cache/s3.part
rm -rf "$part"
mkdir "$part"
# Away from any project: Maven would read its pom.xml.
cd "$part"
# -C: a download whose checksum differs is an error, not a warning. The plugin's version is named so that it is the same one tomorrow.
quietly mvn -q -B -C -Dmaven.repo.local="$cache/m2" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact="org.gaul:s3proxy:$version:jar:jar-with-dependencies" -DoutputDirectory="$part" ||
  give_up 'Cannot fetch S3Proxy from Maven Central, see above.'
mv -- *.jar "$jar"
rm -rf "$part"
