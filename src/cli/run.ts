import type { Command } from 'commander';
import type { SourceSettings, TargetSettings } from '../config/sides.ts';
import type { Effects } from '../effects.ts';
import type { RelateSettings } from '../engine/relate.ts';
import type { Retention } from '../run/prune-runs.ts';
import { untilAborted } from '../until-aborted.ts';
import type { WatchSettings } from '../watch/watched.ts';
import { commandWith, openEffects } from './command.ts';
import type { Configured } from './configuration.ts';
import { type GateFlags, gateOf } from './gate-flags.ts';
import {
  gateOptions,
  paceOption,
  planOptions,
  relateOptions,
  resumeOption,
  retentionOptions,
  sourceOptions,
  stageTimeoutOption,
  storesOptions,
  swapOption,
  targetOptions,
  waitOption,
  watchOptions,
  workOption,
} from './options.ts';
import { parametersOf } from './parameters-of.ts';
import { print } from './print.ts';
import { publicationLine } from './publication-line.ts';
import type { Session } from './session.ts';

type RunFlags = SourceSettings &
  GateFlags &
  TargetSettings &
  WatchSettings &
  Retention &
  RelateSettings & { work: string; wait?: number; stageTimeout?: number; resume?: string | true; plan?: true };

/** `also-viewed run` */
export function runCommand(session: Session): Command {
  const options = () => [
    ...sourceOptions(),
    ...targetOptions(),
    ...gateOptions(),
    paceOption(),
    swapOption(),
    workOption(),
    waitOption(),
    resumeOption(),
    stageTimeoutOption(),
    ...retentionOptions(),
    ...watchOptions(),
    ...storesOptions(),
    ...relateOptions(),
    ...planOptions(),
  ];
  return commandWith('run', 'the whole job: export, relate, check, publish, as one recorded run', options)
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed run --config also-viewed.yml\n  also-viewed run --source views.tsv --target related_products.tsv --top 20\n  also-viewed run --config also-viewed.yml --resume\n  also-viewed run --config stores.yml --all',
    )
    .action(async (_: unknown, command: Command) => {
      if (command.getOptionValue('all') === true) {
        const { runAll } = await import('./run-all.ts');
        await runAll(command, session, runOne);
      } else {
        const { configure } = await import('./configuration.ts');
        const { orTell } = await import('./unconfigured.ts');
        const configured = await orTell(command, session, () => configure(command, process.env));
        await runOne(configured, session, await openEffects(command, session, configured.env));
      }
    });
}

/**
 * Runs the job that the options of a command describe.
 *
 * @param memory bytes that it may take when no option says it
 */
async function runOne(configured: Configured, session: Session, effects: Effects, memory?: number): Promise<void> {
  const { command } = configured;
  const { checkTogether } = await import('./configuration.ts');
  const flags = command.opts<RunFlags>();
  const { sourceFrom, targetFrom } = await import('../config/sides.ts');
  const { run } = await import('../run/run.ts');
  if (flags.plan === true) {
    await checkTogether(configured);
    const source = await sourceFrom(flags, effects);
    const { planRun } = await import('../run/plan-run.ts');
    const { numbersFor } = await import('../report/format-rows.ts');
    await print(await planRun({ ...flags, source }, effects, numbersFor(process.stdout.isTTY)), effects);
    return;
  }
  const { watched } = await import('../watch/watched.ts');
  const { id, folder, published } = await watched(flags, effects, async (observe) => {
    // Here, so that who watches hears of it; also of a signal where a file system does not answer.
    await untilAborted(checkTogether(configured), effects.signal);
    const source = await sourceFrom(flags, effects);
    const target = await targetFrom(flags, effects);
    return await run(
      {
        ...flags,
        ...gateOf(flags),
        memory: flags.memory ?? memory,
        source,
        target,
        resume: resumeOf(flags.resume),
        parameters: parametersOf(command),
        observe: (manifest) => {
          session.run = manifest;
          observe(manifest);
        },
      },
      effects,
    );
  });
  effects.log.info(`${publicationLine(published, effects)}\nThe run's files are in ${folder}`, { run: id, folder });
}

function resumeOf(resume: string | true | undefined): { id: string | undefined } | undefined {
  return resume === undefined ? undefined : { id: resume === true ? undefined : resume };
}
