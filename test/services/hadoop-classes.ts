import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createBucket } from './create-bucket.ts';
import { hadoopClasses, hadoopEnvironment, hadoopHome, quickProperties } from './hadoop.ts';
import { hadoopS3Properties } from './hadoop-s3.ts';
import { ownFolder } from './own-folder.ts';
import type { S3Connection } from './s3.ts';

const run = promisify(execFile);

/**
 * Makes sure that there is an archive of the classes that Hadoop loads for a job on S3, as this machine's Java wants it (class data sharing, JEP 350).
 * It is kept in the cache; without it, or with that of another Java, everything works and takes longer.
 */
export async function makeHadoopClasses(s3: S3Connection): Promise<void> {
  await mkdir(hadoopEnvironment().HADOOP_CONF_DIR, { recursive: true });
  const hadoop = (options: string, cwd: string, ...words: string[]) => {
    const env = { ...process.env, ...hadoopEnvironment() };
    return run(join(hadoopHome(), 'bin', 'hadoop'), words, {
      cwd,
      env: { ...env, HADOOP_CLIENT_OPTS: `${env.HADOOP_CLIENT_OPTS} ${options}` },
    });
  };
  const fits = await hadoop('-Xshare:on', '.', 'version').then(
    () => true,
    () => false,
  );
  if (fits) {
    return;
  }
  const archive = hadoopClasses();
  const workshop = await ownFolder(dirname(archive), 'making-hadoop-classes');
  try {
    await writeFile(join(workshop, 'lines'), 'a\n');
    const place = `s3://${await createBucket(s3)}`;
    const made = join(workshop, 'made');
    const properties = { ...quickProperties, ...hadoopS3Properties(s3), 'hadoop.tmp.dir': join(workshop, 'tmp') };
    await hadoop(
      `-XX:SharedArchiveFile= -XX:ArchiveClassesAtExit=${made}`,
      workshop,
      ...['jar', join(hadoopHome(), 'share', 'hadoop-streaming-3.4.2.jar')],
      ...Object.entries(properties).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
      ...['-input', `file://${workshop}/lines`, '-output', `${place}/output`, '-mapper', 'cat', '-reducer', 'cat'],
    );
    await rename(made, archive);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
