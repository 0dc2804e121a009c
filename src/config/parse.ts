import { InvalidArgumentError } from 'commander';
import { byteSize } from '../byte-size.ts';
import { parseMs } from '../duration.ts';
import { parseSince as windowOf } from '../exporter/window.ts';
import { placeOf } from '../storage/s3-address.ts';
import { sideUri } from './side-uri.ts';

/** Any text but none. */
export function parseText(text: string): string {
  if (text === '') {
    throw new InvalidArgumentError('Give a value, or leave it out.');
  }
  return text;
}

/** On or off. */
export function parseSwitch(text: string): boolean {
  const on = /^(1|true|yes|on)$/i.test(text);
  if (!on && !/^(0|false|no|off)$/i.test(text)) {
    throw new InvalidArgumentError('It must be 1 or 0, or one of true, false, yes, no, on and off.');
  }
  return on;
}

/** A whole number of at least one. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return count;
}

/** Whole numbers of at least one, `5,10`. */
export function parseCounts(text: string): number[] {
  return text.split(',').map(parseCount);
}

/** A time in seconds, with a fraction or without. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds === 0) {
    throw new InvalidArgumentError('It must be a number of seconds above 0.');
  }
  return seconds;
}

/** A duration: `30s`, `10m`, `2h`; in milliseconds. */
export function parseDuration(text: string): number {
  const ms = parseMs(text);
  if (ms === undefined) {
    throw new InvalidArgumentError('It must be a duration: 30s, 10m, 2h.');
  }
  return ms;
}

/** The same, of what may not go on for ever. */
export function parseTimeLimit(text: string): number {
  const ms = parseDuration(text);
  if (ms === 0) {
    throw new InvalidArgumentError('It must be longer than nothing.');
  }
  return ms;
}

/** A size in bytes: `512M`, `2G`. */
export function parseSize(text: string): number {
  const bytes = byteSize(text);
  if (bytes === undefined) {
    throw new InvalidArgumentError('It must be a size: 512M, 2G.');
  }
  return bytes;
}

/** `name=value`. */
export function parseProperty(text: string): string[] {
  if (!/^[\w.-]+=/.test(text)) {
    throw new InvalidArgumentError('It must be name=value.');
  }
  return [text];
}

/** A TCP port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('It must be a port, 1 to 65535.');
  }
  return port;
}

/** The beginning of a window: `90d`, `12h`, or a date. */
export function parseSince(text: string): string {
  windowOf(text);
  return text;
}

/** Where views come from. */
export function parseSource(text: string): string {
  return sideUri('source', parseText(text));
}

/** Where relations go. */
export function parseTarget(text: string): string {
  return sideUri('target', parseText(text));
}

/** A folder, or a prefix of S3. */
export function parseFolder(given: string): string {
  const text = parseText(given);
  if (/^s3:\/\//i.test(text)) {
    placeOf(text);
  } else if (text === '-' || /^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    throw new InvalidArgumentError('It must be a folder or s3://bucket/prefix.');
  }
  return text;
}

/** A share of a whole, as `50%` or `0.5`. */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(share >= 0 && share <= 1)) {
    throw new InvalidArgumentError('It must be a share of a whole: 50% or 0.5.');
  }
  return share;
}

/** How many times, at least once: `2` or `1.5`. */
export function parseTimes(text: string): number {
  const times = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || times < 1) {
    throw new InvalidArgumentError('It must be a number of at least 1.');
  }
  return times;
}

/** A reason that somebody gives: not nothing. */
export function parseReason(text: string): string {
  if (text.trim() === '') {
    throw new InvalidArgumentError('Say why: the reason is recorded.');
  }
  return text.trim();
}

/** The URL of a server. */
export function parseUrl(text: string): string {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('It must be a URL that begins with http:// or https://.');
  }
  return text;
}

/** The same, of a check; without user and password, with which it could not be asked. */
export function parseCheck(text: string): string {
  const { username, password } = new URL(parseUrl(text));
  if (username !== '' || password !== '') {
    throw new InvalidArgumentError('It must be a URL without user and password.');
  }
  return text;
}

/** A file that node_exporter would read. */
export function parseMetricsFile(text: string): string {
  if (!text.endsWith('.prom') || /^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    throw new InvalidArgumentError('It must be a file of this machine whose name ends in .prom.');
  }
  return text;
}
