import { redact } from '../redact.ts';
import type { FileValues } from './configuration.ts';
import { isSetting, type Setting, settings, variableOf } from './settings.ts';

/** A setting as it holds in the end. */
export interface EffectiveSetting {
  readonly setting: string;
  /** As it is written, or in words what holds where nothing is set; secrets are masked. */
  readonly value: string;
  /** The flag, the environment variable, `file:line:column`, or `default`. */
  readonly from: string;
}

/**
 * What holds for a setting.
 *
 * @param value as the command line, the environment or the file has it; `undefined` where nothing is set
 * @param source what of these it came from, as commander calls it
 * @param file what the configuration file says
 * @returns `undefined` for an option that is no setting of a file
 */
export function effectiveSetting(
  name: string,
  value: unknown,
  source: string | undefined,
  file: FileValues,
): EffectiveSetting | undefined {
  if (!isSetting(name)) {
    return undefined;
  }
  const setting: Setting = settings[name];
  if (setting.upTo === 'flag') {
    return undefined;
  }
  const said = setting.secret === true ? '***' : shown(value);
  switch (source) {
    case 'cli':
      return { setting: name, value: said, from: `--${name}` };
    case 'env':
      return { setting: name, value: said, from: variableOf(name) };
    case 'config':
      return { setting: name, value: said, from: file.get(name)?.place ?? '' };
    default:
      return { setting: name, value: shown(setting.defaultText ?? value ?? usualOf(setting)), from: 'default' };
  }
}

/** Whether there are passwords, and where; never what they are. */
export function effectivePasswords(
  env: Readonly<Record<string, string | undefined>>,
  store: string | undefined,
): EffectiveSetting[] {
  return ['source', 'target'].map((side) => {
    const names = [...(store === undefined ? [] : [`${store}-${side}`]), side].map((name) =>
      variableOf(`${name}-password`),
    );
    const from = names.flatMap((name) => [name, `${name}_FILE`]).find((name) => env[name] !== undefined);
    return { setting: `${side}-password`, value: from === undefined ? '' : '***', from: from ?? 'default' };
  });
}

function usualOf({ usual, kind }: Setting): string {
  return usual ?? (kind === 'switch' ? 'false' : '');
}

function shown(value: unknown): string {
  return redact(String(value));
}
