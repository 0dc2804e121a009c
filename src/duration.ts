/** `45 s`, `12 min`, `3 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return seconds < 100
    ? `${seconds} s`
    : minutes < 100
      ? `${minutes} min`
      : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const msOf: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The milliseconds of `30s`, `10m` or `2h`; `undefined` for every other text. */
export function parseMs(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(amount) * (msOf[unit] ?? Number.NaN);
  return Number.isNaN(ms) ? undefined : ms;
}
