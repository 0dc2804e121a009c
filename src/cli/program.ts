import { Command } from 'commander';
import { version } from '../version.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { relateCommand } from './relate.ts';
import { runCommand } from './run.ts';
import { showCommand } from './show.ts';

const commands = [runCommand, exportCommand, relateCommand, importCommand, showCommand];

/** The command line: turns argv into the options of library functions. `signal` stops whatever is under way. */
export function program(signal: AbortSignal): Command {
  const root = new Command('also-viewed')
    .description('People who viewed this product also viewed: relates products by the paths that contain both.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'Error: ')) })
    .showHelpAfterError('Add --help for the options.')
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed relate views.tsv --top 20 --out relations.tsv\n  also-viewed run --config also-viewed.yml',
    );
  for (const command of commands) {
    root.addCommand(command(signal).copyInheritedSettings(root));
  }
  return root;
}
