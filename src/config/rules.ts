import { stat } from 'node:fs/promises';
import { answered } from '../answered.ts';
import { ExpectedFailure } from '../failure.ts';
import { type Origin, placed } from './parse-setting.ts';
import type { SettingName, SettingValues } from './settings.ts';
import type { Side } from './side-uri.ts';

type Values = { readonly [Name in keyof SettingValues]?: SettingValues[Name] | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/** What settings must be together, or what it takes more than the form of a value to see. */
interface Rule {
  /** It is checked by commands that take all of them, if one is set. The first that is set is named as the mistake. */
  readonly about: readonly SettingName[];
  /** As the stage of the job that will need it. */
  readonly check: (values: Values, env: Environment) => unknown;
}

const isTable = (uri: string): boolean => /^mysql:/i.test(uri);

const rules: readonly Rule[] = [
  { about: ['source'], check: ({ source }, env) => address('source', source, env) },
  { about: ['target'], check: ({ target }, env) => address('target', target, env) },
  { about: ['where', 'source'], check: ({ where, source }) => ofTable(source, { where }) },
  { about: ['time-column', 'source'], check: ({ timeColumn, source }) => ofTable(source, { timeColumn }) },
  { about: ['since', 'source'], check: ({ since, source }) => ofTable(source, { since }) },
  { about: ['max-replica-lag', 'source'], check: ({ maxReplicaLag, source }) => ofTable(source, { maxReplicaLag }) },
  {
    about: ['products', 'source'],
    check: async ({ products, source }) => {
      if (source !== undefined && !isTable(source)) {
        (await import('../exporter/with-catalogue.ts')).withCatalogue({ kind: 'files', locations: [] }, products, '');
      }
    },
  },
  {
    about: ['since', 'time-column'],
    check: async ({ since, timeColumn }) => (await import('../exporter/window.ts')).sinceOf({ since, timeColumn }),
  },
  {
    about: ['path-column', 'product-column'],
    check: async (values) => (await import('../engine/relate.ts')).columnsOf(values),
  },
  {
    about: ['source-column', 'target-column', 'weight-column'],
    check: ({ sourceColumn, targetColumn, weightColumn }) => distinct(sourceColumn, targetColumn, weightColumn),
  },
  {
    // Only what publishes takes `max-churn`.
    about: ['swap', 'target', 'max-churn'],
    check: async ({ target, swap }) => {
      if (target !== undefined && !isTable(target)) {
        const { checkTarget } = await import('../importer/import-relations.ts');
        await checkTarget({ kind: 'file', location: target }, { swap });
      }
    },
  },
  {
    about: ['memory', 'engine'],
    check: async ({ memory, engine }) => (await import('../engine/relate.ts')).memoryOf({ memory, engine }),
  },
  {
    about: ['score', 'top', 'engine'],
    check: async ({ score, top, engine }) => (await import('../engine/relate.ts')).scoreOf({ score, top, engine }),
  },
  { about: ['emr-log-uri'], check: ({ emrLogUri }) => emr({ emrLogUri }) },
  { about: ['emr-staging'], check: ({ emrStaging }) => emr({ emrStaging }) },
  { about: ['emr-cluster'], check: ({ emrCluster }) => emr({ emrCluster }) },
  { about: ['emr-tags'], check: ({ emrTags }) => emr({ emrTags }) },
  { about: ['emr-idle-minutes'], check: ({ emrIdleMinutes }) => emr({ emrIdleMinutes }) },
  {
    about: ['engine', 'emr-log-uri'],
    check: async (values, env) =>
      values.engine === 'emr' && (await import('../engine/emr/emr-settings.ts')).emrPlace(values, env),
  },
  { about: ['target'], check: ({ target }) => mustBe('file', target) },
  { about: ['relations'], check: ({ relations }) => mustBe('file', relations) },
  { about: ['products'], check: ({ products }) => mustBe('file', products) },
  { about: ['names'], check: ({ names }) => mustBe('file', names) },
  { about: ['node-archive'], check: ({ nodeArchive }) => mustBe('file', nodeArchive) },
  { about: ['metrics'], check: ({ metrics }) => mustBe('file', metrics) },
  { about: ['work'], check: ({ work }) => mustBe('folder', work) },
  { about: ['temp-dir'], check: ({ tempDir }) => mustBe('folder', tempDir) },
];

/**
 * Looks whether settings can work together, before the hours that it may take until the stage that needs them.
 *
 * @param takes whether the command takes a setting
 * @param given where those that are set were written
 * @throws ExpectedFailure with that place when they cannot
 */
export async function checkRules(
  takes: (name: SettingName) => boolean,
  values: Values,
  given: ReadonlyMap<SettingName, Origin>,
  env: Environment,
): Promise<void> {
  for (const { about, check } of rules) {
    const origin = about.map((name) => given.get(name)).find((each) => each !== undefined);
    if (origin !== undefined && about.every(takes)) {
      try {
        await check(values, env);
      } catch (error) {
        // That a disk does not answer is no mistake of who wrote its name.
        throw error instanceof ExpectedFailure && error.kind !== 'unavailable' ? placed(error, origin) : error;
      }
    }
  }
}

async function address(side: Side, uri: string | undefined, env: Environment): Promise<void> {
  if (uri !== undefined && isTable(uri)) {
    const { parseMysqlUri } = await import('../mysql/address.ts');
    const { refuseTwoPasswords } = await import('./sides.ts');
    refuseTwoPasswords(side, parseMysqlUri(uri), env);
  }
}

async function ofTable(source: string | undefined, settings: Values): Promise<void> {
  if (source !== undefined && !isTable(source)) {
    (await import('./sides.ts')).refuseForFiles(settings);
  }
}

async function emr(settings: Values): Promise<void> {
  const { emrPlace } = await import('../engine/emr/emr-settings.ts');
  // Whatever else it needs is there.
  emrPlace({ emrLogUri: 's3://logs/', ...settings }, { AWS_REGION: 'any' });
}

function distinct(...columns: readonly (string | undefined)[]): void {
  // Servers take the names of columns without letter case.
  const twice = columns.find(
    (name, at) => columns.findIndex((each) => each?.toLowerCase() === name?.toLowerCase()) < at,
  );
  if (twice !== undefined) {
    throw new ExpectedFailure('usage', `Cannot use column ${twice} twice in the table of the relations`, {
      remedy: 'Name three columns: of the source, of the target and of the weight.',
    });
  }
}

/** What is there must be of its kind; whether it is there is seen when it is needed. */
async function mustBe(kind: 'file' | 'folder', location: string | undefined): Promise<void> {
  const found =
    location === undefined || location === '-'
      ? undefined
      : await answered(
          location,
          undefined,
          stat(location).catch(() => undefined),
        );
  if (found !== undefined && found.isDirectory() !== (kind === 'folder')) {
    throw new ExpectedFailure(
      'usage',
      `Cannot use ${location} as a ${kind}: it is a ${kind === 'file' ? 'folder' : 'file'}`,
      {
        remedy: `Name a ${kind}.`,
      },
    );
  }
}
