import { readFile } from 'node:fs/promises';
import { answered } from '../answered.ts';
import type { Effects } from '../effects.ts';
import type { Source } from '../exporter/export-source.ts';
import { ExpectedFailure, messageOf } from '../failure.ts';
import type { Target } from '../importer/import-relations.ts';
import { isMysqlUri, type MysqlAddress, parseMysqlUri } from '../mysql/address.ts';
import { type Side, sideForms, sideUri } from './side-uri.ts';

/** What says where settings come from. */
interface Origin {
  /** The configuration file, if one is named, and the one of its stores that is meant. */
  readonly config?: string | undefined;
  readonly store?: string | undefined;
}

/** Which views of a table are meant. */
interface WindowSettings {
  readonly where?: string | undefined;
  readonly timeColumn?: string | undefined;
  readonly since?: string | undefined;
  /** Milliseconds. */
  readonly maxReplicaLag?: number | undefined;
}

/** Settings that name where views come from. */
export interface SourceSettings extends Origin, WindowSettings {
  readonly source?: string | undefined;
  readonly sourceTable: string;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** Settings that name where relations go. */
export interface TargetSettings extends Origin {
  readonly target?: string | undefined;
  readonly targetTable: string;
  readonly sourceColumn: string;
  readonly targetColumn: string;
  readonly weightColumn: string;
}

/** @throws ExpectedFailure when no source is named, or its URI cannot be used */
export async function sourceFrom(settings: SourceSettings, effects: Effects): Promise<Source> {
  const uri = named('source', settings.source, settings);
  if (!isMysqlUri(uri)) {
    refuseForFiles(settings);
    return { kind: 'files', locations: [uri] };
  }
  const address = parseMysqlUri(uri);
  return {
    kind: 'table',
    views: {
      address,
      password: await passwordOf('source', address, effects),
      table: settings.sourceTable,
      pathColumn: settings.pathColumn,
      productColumn: settings.productColumn,
      where: settings.where,
      timeColumn: settings.timeColumn,
      since: settings.since,
      maxReplicaLag: settings.maxReplicaLag,
    },
  };
}

/** @throws ExpectedFailure when no target is named, or its URI cannot be used */
export async function targetFrom(settings: TargetSettings, effects: Effects): Promise<Target> {
  const uri = named('target', settings.target, settings);
  if (!isMysqlUri(uri)) {
    return { kind: 'file', location: uri };
  }
  const address = parseMysqlUri(uri);
  return {
    kind: 'table',
    table: {
      address,
      password: await passwordOf('target', address, effects),
      table: settings.targetTable,
      sourceColumn: settings.sourceColumn,
      targetColumn: settings.targetColumn,
      weightColumn: settings.weightColumn,
    },
  };
}

/**
 * Settings of a table that would quietly do nothing about a file.
 *
 * @throws ExpectedFailure when one of them is given
 */
export function refuseForFiles({ where, timeColumn, since, maxReplicaLag }: WindowSettings): void {
  const ofTables = { where, 'time-column': timeColumn, since, 'max-replica-lag': maxReplicaLag };
  const given = Object.entries(ofTables).find(([, value]) => value !== undefined);
  if (given !== undefined) {
    throw new ExpectedFailure('usage', `Cannot use ${given[0]} with a file as source: it is about a table`, {
      remedy: `Leave ${given[0]} out, or name a mysql:// source.`,
    });
  }
}

function named(side: Side, uri: string | undefined, { config, store }: Origin): string {
  if (uri !== undefined && uri !== '') {
    return sideUri(side, uri);
  }
  if (config === undefined) {
    throw new ExpectedFailure('usage', `Cannot start: no ${side} is named`, {
      remedy: `Add --${side} with ${sideForms[side]}, or ${side}: in the configuration file.`,
    });
  }
  const of = store === undefined ? '' : ` for store ${store}`;
  throw new ExpectedFailure('configuration', `Cannot start: no ${side} is named in ${config}${of}`, {
    remedy: `Write ${side}: there with ${sideForms[side]}, or add --${side}.`,
  });
}

/**
 * Makes sure that a password comes from one place.
 *
 * @throws ExpectedFailure when a variable gives one beside an address that says how to get it
 */
export function refuseTwoPasswords(side: Side, { auth, passwordSecret }: MysqlAddress, env: Effects['env']): void {
  const name = variableOf(side);
  const also = [name, `${name}_FILE`].find((each) => env[each] !== undefined);
  if (also !== undefined && (auth !== undefined || passwordSecret !== undefined)) {
    const named = auth === undefined ? 'password-secret' : `auth=${auth}`;
    throw new ExpectedFailure('configuration', `Cannot tell which password is meant: ${also} is set beside ${named}`, {
      remedy: `Unset ${also}, or take ${named} out of the ${side}.`,
    });
  }
}

const variableOf = (side: Side): string => `ALSO_VIEWED_${side.toUpperCase()}_PASSWORD`;

/** The password of one side: from the environment, or from the file that it names; not where the address says how to get one. */
async function passwordOf(side: Side, address: MysqlAddress, effects: Effects): Promise<string | undefined> {
  refuseTwoPasswords(side, address, effects.env);
  const name = variableOf(side);
  const file = effects.env[`${name}_FILE`];
  if (effects.env[name] !== undefined || file === undefined) {
    return effects.env[name];
  }
  const reading = readFile(file, 'utf8').catch((error: unknown) => {
    throw new ExpectedFailure('configuration', `Cannot read ${file}, which ${name}_FILE names: ${messageOf(error)}`, {
      remedy: 'Name a file that holds the password and that the user of the job may read.',
      cause: error,
    });
  });
  const password = await answered(file, effects.signal, reading);
  const line = password.replace(/\r?\n$/, '');
  if (line === '') {
    throw new ExpectedFailure('configuration', `Cannot use ${file}, which ${name}_FILE names: it is empty`, {
      remedy: `Write the password into it; for a user without one, unset ${name}_FILE.`,
    });
  }
  return line;
}
