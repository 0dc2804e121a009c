import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ports of 127.0.0.1, one for each address that another process must know beforehand. */
export interface ClusterPorts {
  readonly nameNode: number;
  readonly nameNodeWeb: number;
  readonly resourceManager: number;
  readonly scheduler: number;
  readonly tracker: number;
  readonly admin: number;
  readonly resourceManagerWeb: number;
}

type Properties = Readonly<Record<string, string | number | boolean>>;

const anyPort = '127.0.0.1:0';

/**
 * Writes the configuration of a cluster of one node on 127.0.0.1, for its daemons and its clients.
 *
 * @param folder where the configuration goes
 * @param data folder of all that the daemons keep
 * @param jars folder of Hadoop's jars
 */
export function writeClusterConfig(folder: string, data: string, jars: string, ports: ClusterPorts): void {
  const at = (port: number): string => `127.0.0.1:${port}`;
  const classpath = `${folder},${jars}/*`;
  // The web servers of HDFS look for their pages on the class path; the addresses that answer in JSON need none.
  for (const name of ['hdfs', 'datanode', 'static', 'secondary', 'node', 'cluster']) {
    mkdirSync(join(folder, 'webapps', name), { recursive: true });
  }
  const write = (file: string, properties: Properties): void => {
    writeFileSync(join(folder, file), xml(properties));
  };

  write('core-site.xml', {
    'fs.defaultFS': `hdfs://${at(ports.nameNode)}`,
    'hadoop.tmp.dir': join(data, 'tmp'),
  });
  write('hdfs-site.xml', {
    'dfs.replication': 1,
    'dfs.namenode.name.dir': join(data, 'name'),
    'dfs.datanode.data.dir': join(data, 'data'),
    'dfs.namenode.http-address': at(ports.nameNodeWeb),
    'dfs.datanode.address': anyPort,
    'dfs.datanode.http.address': anyPort,
    'dfs.datanode.ipc.address': anyPort,
  });
  write('yarn-site.xml', {
    'yarn.resourcemanager.address': at(ports.resourceManager),
    'yarn.resourcemanager.scheduler.address': at(ports.scheduler),
    'yarn.resourcemanager.resource-tracker.address': at(ports.tracker),
    'yarn.resourcemanager.admin.address': at(ports.admin),
    'yarn.resourcemanager.webapp.address': at(ports.resourceManagerWeb),
    'yarn.resourcemanager.nodemanagers.heartbeat-interval-ms': 100,
    'yarn.nodemanager.address': anyPort,
    'yarn.nodemanager.localizer.address': anyPort,
    'yarn.nodemanager.webapp.address': anyPort,
    'yarn.nodemanager.local-dirs': join(data, 'local'),
    'yarn.nodemanager.log-dirs': join(data, 'logs'),
    'yarn.nodemanager.aux-services': 'mapreduce_shuffle',
    'yarn.nodemanager.resource.memory-mb': 6144,
    'yarn.nodemanager.resource.cpu-vcores': 8,
    'yarn.nodemanager.pmem-check-enabled': false,
    'yarn.nodemanager.vmem-check-enabled': false,
    // A disk that is nine tenths full is no reason to run nothing.
    'yarn.nodemanager.disk-health-checker.enable': false,
    'yarn.nodemanager.env-whitelist': 'JAVA_HOME,PATH,HADOOP_CONF_DIR',
    'yarn.scheduler.minimum-allocation-mb': 128,
    'yarn.application.classpath': classpath,
    // As on a usual cluster: `yarn logs` reads what is gathered.
    'yarn.log-aggregation-enable': true,
  });
  write('capacity-scheduler.xml', {
    'yarn.scheduler.capacity.root.queues': 'default',
    'yarn.scheduler.capacity.root.default.capacity': 100,
    'yarn.scheduler.capacity.maximum-am-resource-percent': 0.5,
  });
  write('mapred-site.xml', {
    'mapreduce.framework.name': 'yarn',
    'mapreduce.application.classpath': classpath,
    'mapreduce.shuffle.port': 0,
    'yarn.app.mapreduce.am.resource.mb': 512,
    'yarn.app.mapreduce.am.command-opts': '-Xmx300m',
    'yarn.app.mapreduce.am.scheduler.heartbeat.interval-ms': 100,
    'mapreduce.map.memory.mb': 512,
    'mapreduce.map.java.opts': '-Xmx300m',
    'mapreduce.reduce.memory.mb': 512,
    'mapreduce.reduce.java.opts': '-Xmx300m',
    'mapreduce.task.io.sort.mb': 64,
  });
  // The last one says on every run that there is no native library.
  writeFileSync(
    join(folder, 'log4j.properties'),
    `log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
`,
  );
}

function xml(properties: Properties): string {
  const lines = Object.entries(properties).map(
    ([name, value]) => `  <property><name>${name}</name><value>${value}</value></property>\n`,
  );
  return `<configuration>\n${lines.join('')}</configuration>\n`;
}
