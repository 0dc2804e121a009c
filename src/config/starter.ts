import { stringify } from 'yaml';
import { ExpectedFailure, messageOf } from '../failure.ts';
import { isMysqlUri, parseMysqlUri } from '../mysql/address.ts';
import { parseSetting } from './parse-setting.ts';
import { type Setting, type SettingName, settings } from './settings.ts';

/** The settings of a new configuration, as they would be written on the command line. */
export type StarterValues = ReadonlyMap<SettingName, string>;

/** Gets an answer from a person: the proposal if there is none, else an empty text. */
export type Ask = (
  question: string,
  proposal: string | undefined,
  problemOf: (answer: string) => string | undefined,
) => Promise<string>;

/** A setting of a new configuration. */
interface StarterSetting {
  readonly name: SettingName;
  readonly question: string;
  /** Stands above it in the file. */
  readonly comment: string;
  /** Stands in the file where the setting is left out. */
  readonly example: string;
  /** It has a meaning for tables only, of this side. */
  readonly tableOf?: 'source' | 'target';
  /** Nor is it asked for without that one, which comes before it. */
  readonly needs?: SettingName;
}

const exampleOfSource = 'mysql://reader@db.example/shop';
const exampleOfTarget = 'mysql://writer@db.example/shop';

/** What a run cannot do without, and nobody can propose. */
const needed: readonly SettingName[] = ['source', 'target'];

/** In the order of the file and of the questions. */
const starterSettings: readonly StarterSetting[] = [
  {
    name: 'source',
    question: `Where are the views? ${exampleOfSource}, a file, a folder or an s3:// address`,
    comment: 'Where views come from: a database, a file, a folder or an s3:// address.',
    example: exampleOfSource,
  },
  {
    name: 'source-table',
    question: 'Which table holds them?',
    comment: 'The table of the views, and its columns.',
    example: 'recent_items',
    tableOf: 'source',
  },
  {
    name: 'path-column',
    question: 'Which column is the path, one visit of one user?',
    comment: 'A path is one visit of one user: two products are related by the paths that contain both.',
    example: 'path_id',
  },
  {
    name: 'product-column',
    question: 'Which column is the product?',
    comment: 'The product that was viewed.',
    example: 'product_id',
  },
  {
    name: 'time-column',
    question: 'Which column is the time of a view, for a window of days? Empty for all views',
    comment: 'The time of a view, for the window below.',
    example: 'viewed_at',
    tableOf: 'source',
  },
  {
    name: 'since',
    question: 'How far back do views count? Empty for all views',
    comment: 'Only views since then: 90d, 12h, or a date.',
    example: '90d',
    tableOf: 'source',
    needs: 'time-column',
  },
  {
    name: 'target',
    question: `Where do the relations go? ${exampleOfTarget}, or a file`,
    comment: 'Where relations go: a database or a file.',
    example: exampleOfTarget,
  },
  {
    name: 'target-table',
    question: 'Into which table? The first run creates it',
    comment: 'The table that the storefront reads; the first run creates it.',
    example: 'related_products',
    tableOf: 'target',
  },
  {
    name: 'work',
    question: 'Where are the files and records of the runs kept? A folder or an s3:// prefix',
    comment: 'Where the files and records of the runs are kept: a folder or an s3:// prefix.',
    example: '/var/lib/also-viewed',
  },
  {
    name: 'top',
    question:
      'How many targets to keep per product? A page shows a handful; 50 make the table 10 to 50 times smaller than all',
    comment:
      'Targets kept per product, the heaviest. A page shows a handful, and with 50 the table is 10 to 50 times smaller\nthan with all, and every later step faster.',
    example: '50',
  },
  {
    name: 'min-weight',
    question: 'In how many paths must a relation be seen? One alone is chance, and tells what one visitor looked at',
    comment:
      'No relation that was seen in fewer paths. One path alone is chance, and would tell what a single visitor looked at:\nthis is the privacy floor.',
    example: '2',
  },
  {
    name: 'max-path-products',
    question: 'Leave out paths with more products than? They are crawlers, for example 1000. Empty for none',
    comment: 'Leave out paths with more products: crawlers. `also-viewed run --plan` shows the heaviest ones.',
    example: '1000',
  },
];

/**
 * The settings of a new configuration: those that are given, the answers to questions about the others, or else what is proposed.
 *
 * @param proposals of settings that need a value; the others may be left out
 * @param ask nothing is asked without it
 * @throws ExpectedFailure `usage` when the source or the target is neither given nor asked for
 */
export async function fillIn(given: StarterValues, proposals: StarterValues, ask?: Ask): Promise<StarterValues> {
  const values = new Map<SettingName, string>();
  const missing = needed.filter((name) => ask === undefined && !given.has(name));
  if (missing.length > 0) {
    throw new ExpectedFailure('usage', `Cannot write a configuration: no ${missing.join(' and no ')} is named`, {
      remedy: `Add ${missing.map((name) => `--${name}`).join(' and ')}; on a terminal, without --yes, init asks for all that it needs.`,
    });
  }
  for (const setting of starterSettings) {
    const { name, question, needs } = setting;
    const value = given.get(name);
    if (value !== undefined) {
      values.set(name, value);
    } else if (applies(setting, values) && (needs === undefined || values.has(needs))) {
      const proposal = name === 'since' ? '90d' : proposals.get(name);
      const answer = ask === undefined ? proposal : await ask(question, proposal, (text) => problemOf(name, text));
      if (answer !== undefined && answer !== '') {
        values.set(name, answer);
      }
    }
  }
  return values;
}

/** Whether a setting means something beside those before it: `since` of a file does not. */
function applies({ tableOf }: StarterSetting, before: StarterValues): boolean {
  const uri = tableOf === undefined ? undefined : before.get(tableOf);
  return uri === undefined || isMysqlUri(uri);
}

/** What is wrong with an answer, or `undefined`. */
function problemOf(name: SettingName, text: string): string | undefined {
  if (text === '') {
    return needed.includes(name) ? 'A run needs one.' : undefined;
  }
  try {
    parseSetting(settings[name], text, { place: 'this answer', fault: 'usage' });
    if (needed.includes(name) && isMysqlUri(text)) {
      parseMysqlUri(text);
    }
    return undefined;
  } catch (error) {
    const remedy = error instanceof ExpectedFailure ? error.remedy : undefined;
    return [messageOf(error), remedy].filter(Boolean).join('. ');
  }
}

/**
 * A configuration file with comments.
 *
 * @param values what is set; the rest stands there as comments
 * @param schema the path of the JSON Schema for editors, from the file
 */
export function starterConfiguration(values: StarterValues, schema: string): string {
  const head = [
    `# yaml-language-server: $schema=${schema}`,
    '# Settings of also-viewed. `also-viewed config --config` and the name of this file prints what holds in the end.',
    '# Passwords do not belong here: they come from ALSO_VIEWED_SOURCE_PASSWORD and ALSO_VIEWED_TARGET_PASSWORD, or the',
    '# _FILE form of either, which names a file.',
  ];
  const parts = starterSettings
    .filter((each) => applies(each, values))
    .map(({ name, comment, example }) => {
      const value = values.get(name);
      const line =
        value === undefined
          ? `# ${name}: ${example}`
          : stringify({ [name]: typed(name, value) }, { lineWidth: 0 }).replace(/\n$/, '');
      return [...comment.split('\n').map((text) => `# ${text}`), line].join('\n');
    });
  return `${[head.join('\n'), ...parts].join('\n\n')}\n`;
}

/** Counts are written as numbers. */
function typed(name: SettingName, text: string): string | number {
  const setting: Setting = settings[name];
  return setting.kind === 'count' ? Number(text) : text;
}
