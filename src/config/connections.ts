import { ExpectedFailure } from '../failure.ts';
import { parseMysqlUri } from '../mysql/address.ts';
import { type ConnectionPart, connectionParts, connectionUri } from '../mysql/connection-uri.ts';
import type { Configuration, FileValue, FileValues } from './configuration.ts';
import { placed } from './parse-setting.ts';

const sides = ['source', 'target'] as const;
type Side = (typeof sides)[number];

/**
 * Writes the connections that a file gives part by part as URIs, which is what everything behind it takes. A store adds its parts to those of
 * the top, unless it has a URI of its own; so the parts at the top need not be whole.
 *
 * @throws ExpectedFailure with file, line and column when parts are missing, or contradict a URI or each other
 */
export function withConnections({ common, stores }: Configuration): Configuration {
  return {
    common: composed(common, common, stores.size > 0),
    stores: new Map([...stores].map(([store, own]) => [store, composed(own, new Map([...common, ...own]), false)])),
  };
}

/**
 * @param own the values whose connections are wanted
 * @param all the same with those that hold in addition
 * @param mayLack whether a connection whose parts are not whole is left out
 */
function composed(own: FileValues, all: FileValues, mayLack: boolean): FileValues {
  const values = new Map(
    [...own].filter(([name]) => !sides.some((side) => partNames(side).some(([, each]) => each === name))),
  );
  for (const side of sides) {
    const parts = partsOf(own.has(side) ? own : all, side);
    const first = partsOf(own, side).values().next().value;
    const uri = all.get(side)?.texts[0];
    if (first === undefined) {
      checkAddress(own.get(side), mayLack);
      continue;
    }
    const texts = Object.fromEntries([...parts].map(([part, { texts }]) => [part, texts[0]]));
    const result = connectionUri(uri, texts);
    if ('uri' in result) {
      const value = { texts: [result.uri], place: first.place };
      checkAddress(value, mayLack);
      values.set(side, value);
    } else if (!(mayLack && result.missing)) {
      throw new ExpectedFailure(
        'configuration',
        `Cannot use ${first.place}: the ${side} has no whole connection: ${result.wrong}`,
        {
          remedy: 'Give a uri, or host, user and database.',
        },
      );
    }
  }
  return values;
}

/** What names a database must be whole, unless something may still be added to it. */
function checkAddress(value: FileValue | undefined, mayLack: boolean): void {
  const uri = value?.texts[0];
  if (value === undefined || uri === undefined || mayLack || !/^mysql:/i.test(uri)) {
    return;
  }
  try {
    parseMysqlUri(uri);
  } catch (error) {
    throw error instanceof ExpectedFailure ? placed(error, { place: value.place, fault: 'configuration' }) : error;
  }
}

const partNames = (side: Side): [ConnectionPart, `${Side}-${ConnectionPart}`][] =>
  connectionParts.map((part) => [part, `${side}-${part}`]);

function partsOf(values: FileValues, side: Side): Map<ConnectionPart, FileValue> {
  return new Map(
    partNames(side).flatMap(([part, name]) => {
      const value = values.get(name);
      return value === undefined ? [] : [[part, value] as const];
    }),
  );
}
