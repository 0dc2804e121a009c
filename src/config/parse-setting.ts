import { ExpectedFailure, type FailureKind, messageOf } from '../failure.ts';
import { kinds } from './kinds.ts';
import type { Setting } from './setting.ts';

/** Where a value was written. */
export interface Origin {
  /** The flag, the variable, or `file:line:column`. */
  readonly place: string;
  /** What a mistake there is: of who typed the command, or of who wrote the configuration. */
  readonly fault: FailureKind & ('usage' | 'configuration');
}

/**
 * The value of a setting.
 *
 * @param text as it was written
 * @param name what it is called in a message
 * @throws ExpectedFailure with the place when it has not the form of the setting; what may be a secret is not repeated
 */
export function parseSetting(setting: Setting, text: string, { place, fault }: Origin, name = 'it'): unknown {
  if (setting.choices?.includes(text) === false) {
    throw new ExpectedFailure(fault, `Cannot use ${place}: ${name} is ${text}`, {
      remedy: `It must be one of ${setting.choices.join(', ')}.`,
    });
  }
  const mayBeSecret = setting.secret === true || setting.kind === 'property';
  try {
    return kinds[setting.kind ?? 'text'].parse(text);
  } catch (error) {
    throw error instanceof ExpectedFailure
      ? placed(error, { place, fault })
      : new ExpectedFailure(fault, `Cannot use ${place}: ${name} is ${mayBeSecret ? 'not of its form' : text}`, {
          remedy: messageOf(error),
        });
  }
}

/** The same failure, of who wrote what stands in that place. */
export function placed(error: ExpectedFailure, { place, fault }: Origin): ExpectedFailure {
  return new ExpectedFailure(fault, `${place}: ${error.message}`, { remedy: error.remedy, cause: error });
}
