import { ExpectedFailure } from '../failure.ts';
import { nearest } from './nearest.ts';
import { settingEntries, variableOf } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'ALSO_VIEWED_';

const passwords = ['SOURCE', 'TARGET'].flatMap((side) => [
  `${prefix}${side}_PASSWORD`,
  `${prefix}${side}_PASSWORD_FILE`,
]);

/**
 * Variables that are no settings and are there all the same: of scripts/nightly.sh, of the installers in scripts/, what the command for
 * failures gets, passwords of stores, and what Kubernetes tells every pod of a service that is named also-viewed.
 */
const foreign =
  /^ALSO_VIEWED_(LOG|CACHE|MESSAGE|REMEDY|EXIT_CODE|STAGE|RUN_ID|.+_(SOURCE|TARGET)_PASSWORD(_FILE)?|(PORT|SERVICE)(_.+)?)$/;

/**
 * Looks for variables that look like settings and are none, which would do nothing.
 *
 * @returns warnings about those of which it cannot be told what they are for
 * @throws ExpectedFailure `configuration` about one that is misspelt, or of a setting that no variable sets
 */
export function checkVariables(env: Environment): string[] {
  const settingOf = new Map(settingEntries.map(([name, setting]) => [variableOf(name), setting]));
  const read = [...settingOf].flatMap(([variable, { upTo }]) => (upTo === 'flag' || upTo === 'file' ? [] : [variable]));
  const names = [...read, ...passwords].map(short);
  return Object.keys(env).flatMap((variable) => {
    if (!variable.startsWith(prefix) || foreign.test(variable) || names.includes(short(variable))) {
      return [];
    }
    const setting = settingOf.get(variable);
    if (setting !== undefined) {
      throw new ExpectedFailure('configuration', `Cannot use ${variable}: no variable sets that`, {
        remedy:
          setting.upTo === 'flag'
            ? 'Unset it; the flag of its name is for the one call that is meant.'
            : 'Unset it; that is a part of a mapping in the configuration file.',
      });
    }
    const name = short(variable);
    // A letter or two, which nobody means.
    const slip = nearest(name, names, name.length < 6 ? 1 : 2);
    if (slip !== undefined) {
      throw new ExpectedFailure('configuration', `Cannot use ${variable}: it is not a known setting`, {
        remedy: `Did you mean ${prefix}${slip}?`,
      });
    }
    const near = nearest(name, names);
    return [`${variable} does nothing: it is not a known setting${near ? `. Did you mean ${prefix}${near}?` : ''}`];
  });
}

function short(variable: string): string {
  return variable.slice(prefix.length);
}
