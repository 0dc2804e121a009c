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

need_java 'S3Proxy, the S3 server of the integration tests,'
if [ -f "$jar" ]; then exit 0; fi

say "Installing S3Proxy $version from Maven Central into $cache: the integration tests start a private S3 server."
part=$cache/s3.part
rm -rf "$part"
mkdir "$part"
# Away from any project: Maven would read its pom.xml.
cd "$part"
fetch_jars copy \
  -Dartifact="org.gaul:s3proxy:$version:jar:jar-with-dependencies" -DoutputDirectory="$part" ||
  give_up 'Cannot fetch S3Proxy from Maven Central, see above.'
mv -- *.jar "$jar"
rm -rf "$part"
