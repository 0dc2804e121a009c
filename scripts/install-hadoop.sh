#!/usr/bin/env bash
# Hadoop, which runs the streaming jobs of the tests in one process (its LocalJobRunner), on local files and on S3, as CACHE/hadoop-VERSION-s3a:
# bin/hadoop, etc/ and the jars in share/. Without daemons, ports or native libraries; the jars from Maven Central are a tenth of the official
# archive.
set -eu
. "$(dirname "$0")/lib-install.sh"

# Keep in step with test/services/hadoop.ts.
version=3.4.2
# The one that this hadoop-aws was built with.
awssdk=2.29.52
home=$cache/hadoop-$version-s3a

installed() { [ -x "$home/bin/hadoop" ] && command -v java >/dev/null; }

if installed; then exit 0; fi
lock hadoop
if installed; then exit 0; fi

need_java 'Hadoop, which runs the streaming jobs of the tests,'
if [ -x "$home/bin/hadoop" ]; then exit 0; fi

say "Installing Hadoop $version from Maven Central into $cache: the tests run the streaming jobs on it."
part=$cache/hadoop.part
rm -rf "$part" "$home"
mkdir -p "$part"/tree/{bin,etc,share}

# hadoop-streaming leaves the rest of Hadoop to whoever runs it, so that is named here. It wants commons-cli under its own name, which the client
# jars hide under another. Without slf4j-reload4j jobs run, but Hadoop's log is gone, and with it the counters and the reasons of failures.
# hadoop-aws asks for the whole AWS SDK in one jar of 642 MB; the parts that s3a uses, of the same version, are 18 MB. It also loads the stream
# accelerator's classes, whichever stream is chosen, and the commons-lang3 that the client jars hide.
cat >"$part/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>also-viewed</groupId>
  <artifactId>hadoop</artifactId>
  <version>$version</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-api</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-runtime</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-streaming</artifactId><version>$version</version></dependency>
    <dependency><groupId>commons-cli</groupId><artifactId>commons-cli</artifactId><version>1.9.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
    <dependency>
      <groupId>org.apache.hadoop</groupId><artifactId>hadoop-aws</artifactId><version>$version</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>s3</artifactId><version>$awssdk</version></dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>s3-transfer-manager</artifactId><version>$awssdk</version></dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>sts</artifactId><version>$awssdk</version></dependency>
    <dependency>
      <groupId>software.amazon.s3.analyticsaccelerator</groupId><artifactId>analyticsaccelerator-s3</artifactId><version>1.2.1</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.17.0</version></dependency>
  </dependencies>
</project>
POM
fetch_jars copy-dependencies -f "$part/pom.xml" \
  -DincludeScope=runtime -DoutputDirectory="$part/tree/share" || give_up 'Cannot fetch Hadoop from Maven Central, see above.'

# `hadoop fs` refuses to start without this file, even an empty one.
cat >"$part/tree/etc/core-site.xml" <<'XML'
<configuration>
  <property><name>fs.defaultFS</name><value>file:///</value></property>
</configuration>
XML
# Each job leaves an empty folder in the staging folder. By default that is one in /tmp for all users; so -D hadoop.tmp.dir moves it too.
cat >"$part/tree/etc/mapred-site.xml" <<'XML'
<configuration>
  <property><name>mapreduce.framework.name</name><value>local</value></property>
  <property><name>mapreduce.jobtracker.staging.root.dir</name><value>${hadoop.tmp.dir}/mapred/staging</value></property>
</configuration>
XML
# The last two say on every run that there is no native library, and that the metrics were started already.
cat >"$part/tree/etc/log4j.properties" <<'PROPERTIES'
log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
log4j.logger.org.apache.hadoop.metrics2=ERROR
PROPERTIES
# The commands and variables of the official launcher that a streaming job needs. It keeps its place when the cache is moved.
cat >"$part/tree/bin/hadoop" <<'LAUNCHER'
#!/usr/bin/env bash
set -eu
home=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
command=${1:-}
case $command in
  jar) class=org.apache.hadoop.util.RunJar ;;
  fs) class=org.apache.hadoop.fs.FsShell ;;
  version) class=org.apache.hadoop.util.VersionInfo ;;
  *)
    echo 'usage: hadoop jar|fs|version [ARGUMENT...]' >&2
    exit 1
    ;;
esac
shift
# Unquoted: several options, as in the official one.
exec java ${HADOOP_CLIENT_OPTS:-} -cp "${HADOOP_CONF_DIR:-$home/etc}:$home/share/*${HADOOP_CLASSPATH:+:$HADOOP_CLASSPATH}" "$class" "$@"
LAUNCHER
chmod +x "$part/tree/bin/hadoop"
quietly "$part/tree/bin/hadoop" version || give_up "Cannot run the Hadoop in $part/tree, see above."

mv "$part/tree" "$home"
rm -rf "$part"
