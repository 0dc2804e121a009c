#!/usr/bin/env bash
# Hadoop with its daemons (NameNode, DataNode, ResourceManager, NodeManager), on which `make test-cluster` runs the hadoop engine, as
# CACHE/hadoop-cluster-VERSION: bin/ and the jars in share/. 92 MB from Maven Central, a tenth of the official archive; no native libraries.
# The instances are configured by those who start them: test/cluster/start-cluster.ts.
set -eu
. "$(dirname "$0")/lib-install.sh"

# Keep in step with test/cluster/start-cluster.ts.
version=3.4.2
home=$cache/hadoop-cluster-$version

installed() { [ -x "$home/bin/hadoop" ] && command -v java >/dev/null; }

if installed; then exit 0; fi
lock hadoop-cluster
if installed; then exit 0; fi

need_java 'Hadoop, which runs the streaming jobs of the tests,'
if [ -x "$home/bin/hadoop" ]; then exit 0; fi

say "Installing the daemons of Hadoop $version from Maven Central into $cache: make test-cluster starts them."
part=$cache/hadoop-cluster.part
rm -rf "$part" "$home"
mkdir -p "$part"/tree/{bin,share}

hadoop() { echo "    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-$1</artifactId><version>$version</version></dependency>"; }

# The whole jars, not the shaded ones of a client: those hold neither the application master nor the shuffle. The ResourceManager does not
# start without the timeline service and Bouncy Castle, which it does not declare.
cat >"$part/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>also-viewed</groupId>
  <artifactId>hadoop-cluster</artifactId>
  <version>$version</version>
  <packaging>pom</packaging>
  <dependencies>
$(hadoop common)
$(hadoop hdfs)
$(hadoop hdfs-client)
$(hadoop mapreduce-client-app)
$(hadoop mapreduce-client-jobclient)
$(hadoop mapreduce-client-shuffle)
$(hadoop yarn-server-resourcemanager)
$(hadoop yarn-server-nodemanager)
$(hadoop yarn-server-timelineservice)
$(hadoop streaming)
    <dependency><groupId>org.bouncycastle</groupId><artifactId>bcpkix-jdk18on</artifactId><version>1.78.1</version></dependency>
  </dependencies>
</project>
POM
fetch_jars copy-dependencies -f "$part/pom.xml" \
  -DincludeScope=runtime -DoutputDirectory="$part/tree/share" || give_up 'Cannot fetch Hadoop from Maven Central, see above.'

# The commands of the official launchers that a job and a small cluster need, under each of their names. It keeps its place when the cache is
# moved. The NodeManager sets JAVA_HOME for its containers, and needs the reflection that Java 17 keeps to itself.
cat >"$part/tree/bin/hadoop" <<'LAUNCHER'
#!/usr/bin/env bash
set -eu
home=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
classpath=${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$home/share/*${HADOOP_CLASSPATH:+:$HADOOP_CLASSPATH}
if [ -z "${JAVA_HOME:-}" ]; then
  JAVA_HOME=$(dirname -- "$(dirname -- "$(readlink -f -- "$(command -v java)")")")
  export JAVA_HOME
fi
options=${HADOOP_CLIENT_OPTS:-}
daemon() {
  class=$1
  options="--add-opens=java.base/java.lang=ALL-UNNAMED -Djava.net.preferIPv4Stack=true -Xmx256m -XX:+UseSerialGC ${HADOOP_OPTS:-}"
}
case ${1:-} in
  jar) class=org.apache.hadoop.util.RunJar ;;
  fs | dfs) class=org.apache.hadoop.fs.FsShell ;;
  job) class=org.apache.hadoop.mapred.JobClient ;;
  application) class=org.apache.hadoop.yarn.client.cli.ApplicationCLI ;;
  logs) class=org.apache.hadoop.yarn.client.cli.LogsCLI ;;
  version) class=org.apache.hadoop.util.VersionInfo ;;
  classpath) printf '%s\n' "$classpath"; exit ;;
  namenode) daemon org.apache.hadoop.hdfs.server.namenode.NameNode ;;
  datanode) daemon org.apache.hadoop.hdfs.server.datanode.DataNode ;;
  resourcemanager) daemon org.apache.hadoop.yarn.server.resourcemanager.ResourceManager ;;
  nodemanager) daemon org.apache.hadoop.yarn.server.nodemanager.NodeManager ;;
  *)
    echo "usage: hadoop jar|fs|job|version|classpath, hdfs dfs|namenode|datanode, mapred job," \
      'yarn application|logs|resourcemanager|nodemanager [ARGUMENT...]' >&2
    exit 1
    ;;
esac
# The application commands parse their own name, as the official launchers know.
[ "$1" = application ] || shift
# Unquoted: several options, as in the official ones.
exec "$JAVA_HOME/bin/java" $options -cp "$classpath" "$class" "$@"
LAUNCHER
chmod +x "$part/tree/bin/hadoop"
for name in hdfs mapred yarn; do ln -s hadoop "$part/tree/bin/$name"; done
quietly "$part/tree/bin/hadoop" version || give_up "Cannot run the Hadoop in $part/tree, see above."

mv "$part/tree" "$home"
rm -rf "$part"
