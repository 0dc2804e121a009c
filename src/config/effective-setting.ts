import { isMysqlUri, parseMysqlUri } from '../mysql/address.ts';
import { redact } from '../redact.ts';
import { isSetting, type Setting, settings, variableOf } from './settings.ts';
import type { Side } from './side-uri.ts';

/** A setting as it holds in the end. */
export interface EffectiveSetting {
  /** The store that it is of, among those of several. */
  readonly store?: string | undefined;
  readonly setting: string;
  /** As it is written, or in words what holds where nothing is set; secrets are masked. */
  readonly value: string;
  /** The flag, the environment variable, `file:line:column`, or `default`. */
  readonly from: string;
}

/**
 * What holds for a setting.
 *
 * @param value what the command takes; `undefined` where nothing is set
 * @param given how it is written, and where, if it is
 * @returns `undefined` for an option that is no setting of a file
 */
export function effectiveSetting(
  name: string,
  value: unknown,
  given: { readonly texts: readonly string[]; readonly place: string } | undefined,
): EffectiveSetting | undefined {
  if (!isSetting(name)) {
    return undefined;
  }
  const setting: Setting = settings[name];
  if (setting.upTo === 'flag') {
    return undefined;
  }
  if (given === undefined) {
    return { setting: name, value: shown(setting.defaultText ?? value ?? usualOf(setting)), from: 'default' };
  }
  // The place of a store is another one than was written for all.
  const said = typeof value === 'string' || typeof value === 'boolean' ? value : given.texts.join(', ');
  return { setting: name, value: setting.secret === true ? '***' : shown(said), from: given.place };
}

/**
 * Whether there is a password of a side, and where; never what it is.
 *
 * @param uri of the side, if it has one
 * @param place where that is written
 */
export function effectivePassword(
  side: Side,
  uri: unknown,
  place: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  store: string | undefined,
): EffectiveSetting {
  const setting = `${side}-password`;
  const { auth, passwordSecret } = typeof uri === 'string' && isMysqlUri(uri) ? parseMysqlUri(uri) : {};
  if (auth !== undefined || passwordSecret !== undefined) {
    return { setting, value: auth === undefined ? `secret ${passwordSecret}` : 'an IAM token', from: place ?? '' };
  }
  const names = [...(store === undefined ? [] : [`${store}-${setting}`]), setting].map(variableOf);
  const from = names.flatMap((name) => [name, `${name}_FILE`]).find((name) => env[name] !== undefined);
  return { setting, value: from === undefined ? '' : '***', from: from ?? 'default' };
}

function usualOf({ usual, kind }: Setting): string {
  return usual ?? (kind === 'switch' ? 'false' : '');
}

function shown(value: unknown): string {
  return redact(String(value));
}
