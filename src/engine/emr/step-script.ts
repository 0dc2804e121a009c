import type { HadoopJarStepConfig } from '@aws-sdk/client-emr';
import { propertiesFile } from '../cluster/properties-xml.ts';

/** What the script of a step does. */
export interface StepWork {
  readonly title: string;
  /** A digest of what the job reads beside what its arguments name: other content gives another script. */
  readonly content: string;
  /** Arguments of Hadoop Streaming. */
  readonly streaming: readonly string[];
  /** The content of the configuration file that these may name: `also-viewed.xml`. */
  readonly configuration: string;
  /** Where the report goes. */
  readonly report: string;
  /** The time after which a step ends by itself, for one whose client is lost, and the setting that it comes from. */
  readonly longest: { readonly seconds: number; readonly limit: string };
}

/** Last line of a report. */
const endLine = 'also-viewed: exit code ';

/**
 * The script of a step. A step's own arguments may have 10,240 characters together, which long lists of inputs exceed: so the step only fetches
 * this script and runs it.
 *
 * It runs the job, ends it after its time or when the step is cancelled, and puts a report on S3: all that the client of Hadoop said, the
 * counters among it, what the tasks said on standard error when the job failed or rejected rows, and the exit code. EMR's own logs come only
 * minutes later.
 */
export function stepScript({ title, content, streaming, configuration, report, longest }: StepWork): string {
  return `#!/bin/bash
# ${title}, of ${content}
set -u
report=${quoted(report)}
folder=$(mktemp -d) && cd "$folder" || exit 73
trap 'rm -rf "$folder" "$0"' EXIT
printf %s ${quoted(configuration)} >${propertiesFile}
# EMR sends the log of a step's client to a file of its own; the counters are in it.
export HADOOP_ROOT_LOGGER=INFO,console
streaming=(hadoop-streaming)
command -v hadoop-streaming >/dev/null || streaming=(hadoop jar /usr/lib/hadoop-mapreduce/hadoop-streaming.jar)

application() { grep -aoE 'application_[0-9]+_[0-9]+' client.log | tail -n 1; }
end_application() {
  local found
  found=$(application)
  [ -z "$found" ] || timeout 60 yarn application -kill "$found"
}
stop() {
  kill "$client" 2>/dev/null
  end_application
  exit "$1"
}
trap 'stop 143' TERM
trap 'stop 130' INT
trap 'stop 129' HUP

: >client.log
# In the group of this step: it ends with the step's processes.
timeout --foreground --kill-after=60 ${longest.seconds} "\${streaming[@]}" \\
  ${streaming.map(quoted).join(' \\\n  ')} \\
  >>client.log 2>&1 &
client=$!
tail --pid="$client" -n +1 -f client.log &
wait "$client"
code=$?
wait
if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
  echo 'also-viewed: the job was ended after ${longest.seconds} s, the limit of ${longest.limit}' | tee -a client.log
  end_application
fi

# What the tasks said does not reach the client; the cluster gathers it when the job has ended, some seconds later. It is worth waiting for when a
# program failed, or told of rejected rows.
: >tasks.log
if [ -n "$(application)" ] && grep -aqE 'subprocess failed|Broken pipe|^[[:space:]]+rejected=[1-9]' client.log; then
  for _ in 1 2 3 4 5 6; do
    timeout 120 yarn logs -applicationId "$(application)" -log_files stderr >tasks.log 2>/dev/null
    grep -aq . tasks.log && break
    sleep 5
  done
fi
{ tail -c 4000000 client.log; head -c 4000000 tasks.log; printf '\\n${endLine}%s\\n' "$code"; } | gzip -c >report.gz
if ! hadoop fs -put -f report.gz "$report"; then
  echo "also-viewed: the report could not be written to $report" >&2
  [ "$code" -ne 0 ] || code=74
fi
exit "$code"
`;
}

/** The step that runs a script; the address is its last argument. */
export function scriptStep(address: string): HadoopJarStepConfig {
  const fetchAndRun = 'script=$(mktemp) && hadoop fs -cat "$0" >"$script" && exec bash "$script"';
  return { Jar: 'command-runner.jar', Args: ['bash', '-c', fetchAndRun, address] };
}

/** The exit code that a report ends with, or `undefined` when it is not whole. */
export function exitCodeOfReport(lines: readonly string[]): number | undefined {
  const line = lines.findLast((each) => each !== '');
  return line?.startsWith(endLine) ? Number(line.slice(endLine.length)) : undefined;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
