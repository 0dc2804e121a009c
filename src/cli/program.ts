import { Command } from 'commander';
import { version } from '../version.ts';
import { configCommand } from './config.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { emrCommand } from './emr.ts';
import { evaluateCommand } from './evaluate.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { openLog } from './log.ts';
import { relateCommand } from './relate.ts';
import { reportCommand } from './report.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { schemaCommand } from './schema.ts';
import type { Session } from './session.ts';
import { showCommand } from './show.ts';
import { orTell } from './unconfigured.ts';

const commands = new Map([
  ['run', runCommand],
  ['export', exportCommand],
  ['relate', relateCommand],
  ['import', importCommand],
  ['show', showCommand],
  ['explain', explainCommand],
  ['report', reportCommand],
  ['diff', diffCommand],
  ['evaluate', evaluateCommand],
  ['runs', runsCommand],
  ['rollback', rollbackCommand],
  ['init', initCommand],
  ['config', configCommand],
  ['doctor', doctorCommand],
  ['schema', schemaCommand],
  ['emr', emrCommand],
]);

/**
 * The command line: turns argv into the options of library functions.
 *
 * @param wanted the first argument: where it names a command, the others are not made, since their options would take an eighth of the start
 */
export function program(session: Session, wanted?: string): Command {
  const root = new Command('also-viewed')
    .description('People who viewed this product also viewed: relates products by the paths that contain both.')
    .version(version)
    .exitOverride()
    // The end of the command reports every failure, in the form that was asked for.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed relate views.tsv --top 20 --out relations.tsv\n  also-viewed run --config also-viewed.yml',
    )
    .hook('preAction', async (_, command) => {
      if (Object.keys(process.env).some((name) => name.startsWith('ALSO_VIEWED_'))) {
        const { checkVariables } = await import('../config/variables.ts');
        const warnings = await orTell(command, session, async () => checkVariables(process.env));
        const log = await openLog(session.log, process.stderr);
        for (const warning of warnings) {
          log.warn(warning);
        }
      }
    });
  const named = wanted === undefined ? undefined : commands.get(wanted);
  for (const command of named === undefined ? commands.values() : [named]) {
    root.addCommand(inheriting(command(session), root));
  }
  return root;
}

/** The command with the settings of its parent, and its own commands likewise. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const each of command.commands) {
    inheriting(each, command);
  }
  return command;
}
