import { Command } from 'commander';
import { version } from '../version.ts';
import { withOptions } from './command.ts';
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
 * @param words what will be parsed, if that is known: what it does not need is not made, since the options of all commands would take an eighth of the
 *   start
 */
export function program(session: Session, words?: readonly string[]): Command {
  const root = new Command('also-viewed')
    .description('People who viewed this product also viewed: relates products by the paths that contain both.')
    .version(version)
    .exitOverride()
    // Every command has options, whether or not they are made.
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    // The end of the command reports every failure, in the form that was asked for.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed relate views.tsv --top 20 --out relations.tsv\n  also-viewed run --config also-viewed.yml',
    )
    .hook('preAction', async (_, command) => {
      if (Object.keys(process.env).some((name) => name.startsWith('ALSO_VIEWED_'))) {
        const { checkVariables } = await import('../config/variables.ts');
        const { orTell } = await import('./unconfigured.ts');
        const warnings = await orTell(command, session, async () => checkVariables(process.env));
        const log = await openLog(session.log, process.stderr);
        for (const warning of warnings) {
          log.warn(warning);
        }
      }
    });
  const [first = '', ...others] = words ?? [];
  const named = commands.get(first);
  // Help, the version, or a mistake.
  const isForNames = words !== undefined && named === undefined && others.length === 0;
  for (const command of named === undefined ? commands.values() : [named]) {
    const made = command(session);
    root.addCommand(inheriting(isForNames ? made : withOptions(made), root));
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
