/** When a view was: a number that orders it among others of its kind, the number that the data has, or milliseconds since 1970. */
export interface ViewTime {
  readonly kind: 'number' | 'date';
  readonly at: number;
}

const number = /^-?\d+(?:\.\d+)?$/;
const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z| UTC|[+-]\d\d:\d\d)?)?$/;

/**
 * A time as data has it: a number of whatever unit, or a date with or without a time of day, which is UTC when it names no zone
 * (`2026-01-31`, `2026-01-31 23:59:58.123`, `2026-01-31 23:59:58 UTC`, `2026-01-31T23:59:58+01:00`); `undefined` for anything else.
 */
export function parseTime(text: string): ViewTime | undefined {
  if (number.test(text)) {
    return { kind: 'number', at: Number(text) };
  }
  const [, day, clock = '00:00', zone = 'Z'] = date.exec(text) ?? [];
  const at = Date.parse(`${day}T${clock}${zone.replace(' UTC', 'Z')}`);
  return Number.isNaN(at) ? undefined : { kind: 'date', at };
}

/** A time as it is printed. */
export function timeText({ kind, at }: ViewTime): string {
  return kind === 'number' ? String(at) : new Date(at).toISOString();
}
