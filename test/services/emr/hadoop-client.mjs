// The `hadoop` command of a cluster's primary node. Jobs run in LocalJobRunner, in one process with their client, whose output is put where
// YARN would have it: what tasks write to standard error goes to the logs of a container, and job and attempt ids are those of an application.
// When the cluster loses task nodes it says so by SIGUSR2: the tasks of the job are lost, and run again on other nodes, as YARN has it.
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

let child;
let lost = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGUSR2', () => {
  lost = true;
  child.kill('SIGKILL');
});

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
    application = { numbers, folder: path.join(containers, `application_${numbers}`) };
    mkdirSync(application.folder);
    writeFileSync(path.join(application.folder, 'client.pid'), String(process.pid));
    log(`${line.slice(0, 23)} INFO impl.YarnClientImpl: Submitted application application_${numbers}`);
  }
  if (local !== undefined) {
    // One that runs again has another id.
    application.local = local;
    writeFileSync(path.join(application.folder, 'pid'), String(child.pid));
  }
  return application === undefined ? line : line.replaceAll(`local${application.local}`, application.numbers);
}

function taskSaid(line) {
  const container = path.join(application.folder, `container_${application.numbers}_01_000002`);
  mkdirSync(container, { recursive: true });
  appendFileSync(path.join(container, 'stderr'), `${line}\n`);
}

function start(words) {
  return spawn(path.join(home, 'bin', 'hadoop'), words, {
    // Java takes its folder for temporary files from nothing else.
    env: {
      ...process.env,
      HADOOP_CLIENT_OPTS: `-Djava.io.tmpdir=${process.env.TMPDIR} ${process.env.HADOOP_CLIENT_OPTS ?? ''}`,
    },
    stdio: ['inherit', 'inherit', 'pipe'],
  });
}

const ended = (client) =>
  client.exitCode === null && client.signalCode === null
    ? new Promise((end) => client.on('exit', (...how) => end(how)))
    : [client.exitCode, client.signalCode];

/** What the client writes without its log: its stack traces, and the verdict. */
const clientLine = /^(\t|Caused by: |Exception in thread|(java|javax|org)\.|Streaming Command Failed!|WARNING: )/;

async function run() {
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
  return await ended(child);
}

let code;
let signal;
do {
  if (lost) {
    lost = false;
    log(
      `${new Date().toISOString().slice(0, 19).replace('T', ' ')},000 INFO mapreduce.Job: Task Id : attempt_${application.numbers}_m_000000_0, Status : FAILED`,
    );
    log('Container released on a *lost* node');
    // What the lost tasks wrote; a job of LocalJobRunner does not begin where something lies.
    await ended(start(['fs', '-rm', '-r', '-f', args[args.indexOf('-output') + 1]]));
  }
  child = start([command, ...args].filter((word) => word !== undefined));
  [code, signal] = await run();
} while (lost);
process.exitCode = signal === null ? code : 143;
