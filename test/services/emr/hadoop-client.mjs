// The `hadoop` command of a cluster's primary node. Jobs run in LocalJobRunner, in one process with their client, whose output is put where
// YARN would have it: what tasks write to standard error goes to the logs of a container, and job and attempt ids are those of an application.
// Hadoop's own log goes where the variables of the official launcher say: Amazon EMR sends that of a step to the file `syslog`.

import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const {
  EMR_HADOOP_HOME: home,
  EMR_CLUSTER: cluster,
  EMR_STARTED: started,
  HADOOP_ROOT_LOGGER: logger = 'INFO,console',
} = process.env;
const [command, ...args] = process.argv.slice(2);
const logFile = logger.includes('console')
  ? undefined
  : path.join(process.env.HADOOP_LOG_DIR ?? '.', process.env.HADOOP_LOGFILE ?? 'hadoop.log');

if (command === 'jar' && /^\/usr\/lib\/hadoop(-mapreduce)?\/hadoop-streaming[^/]*\.jar$/.test(args[0])) {
  const share = path.join(home, 'share');
  args[0] = path.join(
    share,
    readdirSync(share).find((name) => /^hadoop-streaming-.*\.jar$/.test(name)),
  );
}

const child = spawn(
  path.join(home, 'bin', 'hadoop'),
  [command, ...args].filter((word) => word !== undefined),
  {
    // Java takes its folder for temporary files from nothing else.
    env: {
      ...process.env,
      HADOOP_CLIENT_OPTS: `-Djava.io.tmpdir=${process.env.TMPDIR} ${process.env.HADOOP_CLIENT_OPTS ?? ''}`,
    },
    stdio: ['inherit', 'inherit', 'pipe'],
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

let application;
const log = (line) =>
  logFile === undefined ? process.stderr.write(`${line}\n`) : appendFileSync(logFile, `${line}\n`);

/** Makes LocalJobRunner's ids those of an application, which is the next one of this cluster. */
function onCluster(line) {
  const local = /\bjob_local(\d+_\d+)\b/.exec(line)?.[1];
  if (local !== undefined && application === undefined) {
    const containers = path.join(cluster, 'containers');
    mkdirSync(containers, { recursive: true });
    const numbers = `${started}_${String(readdirSync(containers).length + 1).padStart(4, '0')}`;
    application = { local, numbers, folder: path.join(containers, `application_${numbers}`) };
    mkdirSync(application.folder);
    writeFileSync(path.join(application.folder, 'pid'), String(child.pid));
    log(`${line.slice(0, 23)} INFO impl.YarnClientImpl: Submitted application application_${numbers}`);
  }
  return application === undefined ? line : line.replaceAll(`local${application.local}`, application.numbers);
}

function taskSaid(line) {
  const container = path.join(application.folder, `container_${application.numbers}_01_000002`);
  mkdirSync(container, { recursive: true });
  appendFileSync(path.join(container, 'stderr'), `${line}\n`);
}

/** What the client writes without its log: its stack traces, and the verdict. */
const clientLine = /^(\t|Caused by: |Exception in thread|(java|javax|org)\.|Streaming Command Failed!|WARNING: )/;
let write = log;
for await (const raw of createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY })) {
  const line = onCluster(raw);
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ /.test(line)) {
    write = log;
    log(line);
  } else if (application !== undefined && !clientLine.test(line)) {
    taskSaid(line);
  } else if (line.startsWith('\t') || /^(Caused by: |(java|javax|org)\.)/.test(line)) {
    // Goes on with the line before.
    write(line);
  } else {
    write = (said) => process.stderr.write(`${said}\n`);
    write(line);
  }
}
const [code, signal] =
  child.exitCode === null && child.signalCode === null
    ? await new Promise((end) => child.on('exit', (...ended) => end(ended)))
    : [child.exitCode, child.signalCode];
process.exitCode = signal === null ? code : 143;
