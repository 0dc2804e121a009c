import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Faults } from './faults.ts';
import type { Input } from './inputs.ts';
import { s3Place } from './log-shipper.ts';
import type { PrimaryNode } from './primary-node.ts';
import { runProcess } from './run-process.ts';

type BootstrapAction = Input<'RunJobFlow'>['BootstrapActions'][number];

/**
 * Fetches the script of a bootstrap action from S3 and runs it on the node, as the `at`th (from 1).
 *
 * @returns why it failed, or `undefined`
 */
export async function runBootstrapAction(
  node: PrimaryNode,
  { ScriptBootstrapAction: { Path, Args } }: BootstrapAction,
  at: number,
  { s3, faults, signal, instanceId }: { s3: S3Client; faults: Faults; signal: AbortSignal; instanceId: string },
): Promise<string | undefined> {
  const folder = path.join(node.folder, 'bootstrap', String(at));
  const logs = bootstrapLogs(node, at);
  await Promise.all([folder, logs].map((each) => mkdir(each, { recursive: true })));
  const script = path.join(folder, path.basename(Path));
  const place = s3Place(Path);
  try {
    if (place === undefined) throw new Error(`${Path} is not an address of S3`);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
    await writeFile(script, (await Body?.transformToByteArray()) ?? '');
  } catch (error) {
    return `On the master instance (${instanceId}), bootstrap action ${at} could not be downloaded from ${Path}: ${String(error)}`;
  }
  const env = { ...node.env, ...(faults.packagesMissing ? { EMR_PACKAGES_MISSING: 'true' } : {}) };
  const [stdout, stderr] = [path.join(logs, 'stdout'), path.join(logs, 'stderr')];
  const code = await runProcess({ command: 'bash', args: [script, ...Args], env, cwd: folder, stdout, stderr }, signal);
  return code === 0
    ? undefined
    : `On the master instance (${instanceId}), bootstrap action ${at} returned a non-zero return code`;
}

export function bootstrapLogs(node: PrimaryNode, at: number): string {
  return path.join(node.folder, 'bootstrap-logs', String(at));
}
