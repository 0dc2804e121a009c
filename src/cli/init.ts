import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { isSetting, type SettingName } from '../config/settings.ts';
import type { StarterValues } from '../config/starter.ts';
import { ExpectedFailure } from '../failure.ts';
import { packageFile } from '../package-file.ts';
import { commandWith, openEffects } from './command.ts';
import type { GivenSettings } from './complete-options.ts';
import type { Configured } from './configuration.ts';
import { initOptions } from './options.ts';
import type { Session } from './session.ts';

const schemaName = 'also-viewed.schema.json';

/** Where an installation beside the file has it. */
const besidePath = `./node_modules/also-viewed/${schemaName}`;

/** `also-viewed init` */
export function initCommand(session: Session): Command {
  return commandWith('init', 'write a configuration with comments, by asking or from flags', initOptions)
    .argument('[file]', 'file to write', 'also-viewed.yml')
    .addHelpText(
      'after',
      `
Examples:
  also-viewed init                                        asks, on a terminal
  also-viewed init --source mysql://reader@db/shop --target mysql://writer@db/shop --yes
  also-viewed init /etc/also-viewed/also-viewed.yml --source views.tsv --target related.tsv --force`,
    )
    .action(async (file: string, _: unknown, command: Command) => {
      const { configure } = await import('./configuration.ts');
      const configured = await configure(command, process.env);
      const effects = await openEffects(command, session, configured.env);
      const { force, yes } = command.opts<{ readonly force?: boolean; readonly yes?: boolean }>();
      if (/^s3:\/\//i.test(file)) {
        throw new ExpectedFailure('usage', `Cannot create ${file}: a configuration is a file of this machine`, {
          remedy: 'Name a path.',
        });
      }
      if (force !== true && existsSync(file)) {
        throw new ExpectedFailure('cannotCreate', `Cannot create ${file}: it is there already`, {
          remedy: 'Name another file, or add --force to replace it.',
        });
      }
      const { fillIn, starterConfiguration } = await import('../config/starter.ts');
      const asks = yes !== true && process.stdin.isTTY && process.stderr.isTTY;
      const ask = asks ? (await import('./ask.ts')).askOnTerminal(effects.signal) : undefined;
      const values = await fillIn(textsOf(configured.given), proposalsOf(command), ask);
      await checkAnswers(configured, values);
      const schema = existsSync(path.join(path.dirname(file), besidePath)) ? besidePath : packageFile(schemaName);
      const text = starterConfiguration(values, schema);
      const { writeFile } = await import('../storage/output.ts');
      await writeFile(file, effects, (output) => output.write(Buffer.from(text), text.split('\n').length - 1));
      if (file !== '-') {
        effects.log.info(`Wrote ${file}. What holds now: also-viewed config --config ${file}`);
      }
    });
}

/** What flags, variables and another configuration say. */
function textsOf(given: GivenSettings): Map<SettingName, string> {
  return new Map([...given].map(([name, { texts }]) => [name, texts.join()]));
}

/** The defaults of what they do not say. */
function proposalsOf(command: Command): Map<SettingName, string> {
  const proposals = new Map<SettingName, string>();
  for (const option of command.options) {
    const name = option.name();
    if (isSetting(name) && command.getOptionValueSource(option.attributeName()) === 'default') {
      proposals.set(name, String(command.getOptionValue(option.attributeName())));
    }
  }
  return proposals;
}

/** @throws ExpectedFailure `usage` when a run could not do with all of these together */
async function checkAnswers({ command, given, env }: Configured, values: StarterValues): Promise<void> {
  for (const option of command.options) {
    const name = option.name();
    const answer = isSetting(name) && !given.has(name) ? values.get(name) : undefined;
    if (answer !== undefined) {
      command.setOptionValueWithSource(option.attributeName(), answer, 'cli');
    }
  }
  const { completeOptions } = await import('./complete-options.ts');
  const { checkTogether } = await import('./configuration.ts');
  await checkTogether({ command, given: new Map([...completeOptions(command, new Map(), env), ...given]), env });
}
