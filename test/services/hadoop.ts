import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

/**
 * The folder of the installed Hadoop: `bin/hadoop`, and the streaming jar in `share/`. It runs a job in one process, and makes
 * links in the current folder meanwhile: give each job a working folder of its own.
 */
export function hadoopHome(): string {
  // Keep in step with scripts/install-hadoop.sh.
  const home = join(cacheFolder(), 'hadoop-3.4.2-s3a');
  if (!existsSync(home)) throw new Error(`Cannot run Hadoop: run scripts/install-hadoop.sh first (no ${home})`);
  return home;
}

/**
 * The environment of whoever uses the installed Hadoop. Its clients start in a third of the processor time: with the quick compiler alone and the plain
 * collector, and with the classes in an archive.
 *
 * @param configuration folder of the settings
 */
export function hadoopEnvironment(
  configuration: string = join(hadoopHome(), 'etc'),
): Record<'HADOOP_HOME' | 'HADOOP_CONF_DIR' | 'HADOOP_CLASSPATH' | 'HADOOP_CLIENT_OPTS', string> {
  return {
    HADOOP_HOME: hadoopHome(),
    // Java takes classes from an archive only while nothing but jars and empty folders stands before them in the class path.
    HADOOP_CONF_DIR: join(hadoopHome(), 'empty'),
    HADOOP_CLASSPATH: configuration,
    HADOOP_CLIENT_OPTS: `-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:SharedArchiveFile=${hadoopClasses()} -Xlog:cds=off`,
  };
}

/** The archive of classes; see hadoop-classes.ts. */
export function hadoopClasses(): string {
  return join(cacheFolder(), 'templates', 'hadoop-classes.jsa');
}

/** With these a client looks every few milliseconds whether its job has ended, not every second. */
export const quickProperties: Readonly<Record<string, string>> = {
  'mapreduce.client.progressmonitor.pollinterval': '20',
};
