import { ExpectedFailure } from '../failure.ts';
import type { Column } from '../mysql/columns.ts';

/** The beginning of the window: so many seconds before now, or a point in time as the server's time zone reads it. */
export type Since = { readonly seconds: number } | { readonly dateTime: string };

const secondsOf: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A server answers NULL for a date before the year 0: the window would be empty instead of wide open. */
const longestSeconds = 100 * 366 * 86_400;

/** From then on no time zone is in 1969 any more. */
const firstFullDay = '1970-01-02 12:00:00';

/**
 * Parses `90d`, `12h`, `4w`, `30m`, `2026-01-31` or `2026-01-31 06:00[:00]`.
 *
 * @throws ExpectedFailure when it is neither a duration nor a date that exists
 */
export function parseSince(since: string): Since {
  const [, amount = '', unit = ''] = /^([1-9]\d*)([mhdw])$/.exec(since) ?? [];
  const seconds = Number(amount) * (secondsOf[unit] ?? 0);
  if (seconds > 0 && seconds <= longestSeconds) {
    return { seconds };
  }
  const [, date, time = '00:00', second = '00'] =
    /^([1-9]\d{3}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?)?$/.exec(since) ?? [];
  const iso = `${date}T${time}:${second}`;
  // Date takes 30 February for 2 March.
  const parsed = date === undefined ? undefined : new Date(`${iso}Z`);
  if (parsed === undefined || Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(iso)) {
    throw new ExpectedFailure('usage', `Cannot use ${since} as the beginning of the window`, {
      remedy: 'Write a duration of at most 100 years such as 30m, 12h, 90d or 4w, or a date such as 2026-01-31.',
    });
  }
  return { dateTime: iso.replace('T', ' ') };
}

/**
 * The beginning of the window that is asked for, if there is one.
 *
 * @throws ExpectedFailure `usage` when it cannot be understood, or no column has the time of a view
 */
export function sinceOf({
  since,
  timeColumn,
}: {
  readonly since?: string | undefined;
  readonly timeColumn?: string | undefined;
}): Since | undefined {
  if (since !== undefined && timeColumn === undefined) {
    throw new ExpectedFailure('usage', `Cannot export the views since ${since}: no time column is named`, {
      remedy: 'Name the column that holds the time of a view with --time-column.',
    });
  }
  return since === undefined ? undefined : parseSince(since);
}

/**
 * The SQL condition that `column`, quoted as `name`, lies in the window. The server computes its beginning, from its own clock and in the
 * session's time zone, as it would for whoever wrote the rows.
 *
 * A DATE counts when any of its day does. An integer column holds seconds since 1970.
 *
 * @throws ExpectedFailure when the type of the column holds no time
 */
export function inWindow(column: Column, name: string, since: Since): string {
  const start = 'seconds' in since ? `NOW() - INTERVAL ${since.seconds} SECOND` : `TIMESTAMP'${since.dateTime}'`;
  switch (column.kind === 'integer' ? 'integer' : column.dataType) {
    case 'datetime':
    case 'timestamp':
      return `${name} >= ${start}`;
    case 'date':
      return `${name} >= DATE(${start})`;
    case 'integer':
      return `${name} >= ${'seconds' in since ? `UNIX_TIMESTAMP() - ${since.seconds}` : secondsAt(since.dateTime, start)}`;
    default:
      throw new ExpectedFailure(
        'configuration',
        `Cannot use column ${column.name} as the time of a view: its type is ${column.type}`,
        { remedy: 'Name a DATETIME, TIMESTAMP or DATE column, or an integer column of seconds since 1970.' },
      );
  }
}

/**
 * The seconds since 1970 of a point in time. For one that is too early or too late for UNIX_TIMESTAMP(), MariaDB answers NULL and MySQL 0: from
 * the one on every view counts, from the other on none.
 */
function secondsAt(dateTime: string, start: string): string {
  const seconds = `UNIX_TIMESTAMP(${start})`;
  return dateTime < firstFullDay ? `COALESCE(${seconds}, 0)` : `NULLIF(${seconds}, 0)`;
}
