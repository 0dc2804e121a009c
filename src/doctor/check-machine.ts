import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { freeMemory } from '../engine/local/free-memory.ts';
import { leastMemory } from '../engine/local/memory-plan.ts';
import { fileFailure } from '../failure.ts';
import { freeBytes } from '../storage/free-bytes.ts';
import { oldestNode, version } from '../version.ts';
import { describeBytes } from './describe-bytes.ts';
import type { Check, MachineOptions } from './doctor.ts';

/** Less room for temporary files is worth a word: views that do not fit in memory take 8 bytes each, and their relations many times that. */
const littleTemporary = 1 << 30;

/** Node.js, the memory, and the folder for what does not fit in it. */
export const checkMachine: Check<MachineOptions> = async (report, options, effects) => {
  await report.part('node', effects, async (part) => {
    const { node } = process.versions;
    if (isOlder(node, oldestNode)) {
      part.failure(`Node.js ${node} is too old for also-viewed ${version}`, `Install Node.js ${oldestNode} or newer.`);
    } else {
      part.ok(`Node.js ${node}, also-viewed ${version}, ${availableParallelism()} cores`);
    }
  });
  await report.part('memory', effects, async (part) => {
    const free = freeMemory();
    const wanted = options.memory ?? leastMemory;
    if ((options.engine ?? 'local') === 'local' && free < wanted) {
      part.warning(
        `${describeBytes(free)} of memory are free, and the local engine wants ${describeBytes(wanted)}`,
        'Run when the machine is idle, or give a smaller --memory.',
      );
    } else {
      part.ok(`${describeBytes(free)} of memory are free`);
    }
  });
  await report.part('temporary files', effects, async (part) => {
    const folder = options.tempDir ?? tmpdir();
    await access(folder, constants.W_OK).catch((error: unknown) => {
      throw fileFailure('write', folder, error);
    });
    const free = await freeBytes(folder);
    if (free !== undefined && free < littleTemporary) {
      part.warning(
        `${folder} has only ${describeBytes(free)} free`,
        'Make room, or name another folder with --temp-dir.',
      );
    } else {
      part.ok(`${folder} may be written to${free === undefined ? '' : `, and has ${describeBytes(free)} free`}`);
    }
  });
};

/** Whether a version, `20.19.1`, comes before another. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
