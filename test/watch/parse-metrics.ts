/** The value of each sample, by its name and labels as they are written. */
export type Samples = Record<string, number>;

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const help = new RegExp(String.raw`^# HELP (${name}) (?:[^\\\n]|\\[\\n])*$`);
const type = new RegExp(`^# TYPE (${name}) gauge$`);
const sample = new RegExp(String.raw`^((${name})(?:\{${label}(?:,${label})*\})?) (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$`);

/**
 * Parses metrics as strictly as node_exporter, and more so: only gauges, each one's samples behind its HELP and TYPE, no sample twice, no
 * timestamps (which its textfile collector refuses), a line feed at the end.
 */
export function parseMetrics(text: string): Samples {
  if (!text.endsWith('\n')) {
    throw new Error('The last line does not end');
  }
  const samples: Samples = {};
  const seen = new Set<string>();
  let helped: string | undefined;
  let typed: string | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helpOf] = help.exec(line) ?? [];
    const [, typeOf] = type.exec(line) ?? [];
    const [, key = '', of, value] = sample.exec(line) ?? [];
    if (helpOf !== undefined && !seen.has(helpOf)) {
      helped = helpOf;
      seen.add(helpOf);
    } else if (typeOf !== undefined && typeOf === helped) {
      typed = typeOf;
    } else if (of !== undefined && of === typed && !(key in samples)) {
      samples[key] = Number(value);
    } else {
      throw new Error(`Not a line of metrics at its place: ${line}`);
    }
  }
  return samples;
}
