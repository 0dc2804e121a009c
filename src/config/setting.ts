import type { Kind } from './kinds.ts';

/** The mappings of a configuration file that settings may stand in. */
export const mappings = ['source', 'target', 'work', 'emr', 's3'] as const;
export type Mapping = (typeof mappings)[number];

/** A setting: what the help, the environment, the configuration file, its JSON Schema and the pages say of it. */
export interface Setting {
  /** For the help: the default is added by itself. */
  readonly description: string;
  /** `text` unless said otherwise. */
  readonly kind?: Kind;
  /** What stands for the value in the help, where that of the kind says too little; `[…]` if it may be left out. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number | readonly number[] | undefined;
  /** The default as people write it, where that is not its value: `50%`. */
  readonly defaultText?: string;
  /** What holds where nothing is set, in words, when no value can say it: `all cores`. */
  readonly usual?: string;
  /** Its value may be, or hold, what nobody else needs to know: it is shown and recorded nowhere. */
  readonly secret?: true;
  /** The mapping of the configuration file that it may also stand in, and its name there. */
  readonly in?: readonly [Mapping, string];
  /** Of a place, or a check, that stores cannot share: what a store gets of the one for all, unless it has one of its own. */
  readonly ofStore?: (place: string, store: string) => string;
  /**
   * How far from the command line it may be set; anywhere unless said otherwise. What is said by hand about one call is a flag only, and what
   * names files of one call, or the configuration, has no key in that. What is part of another setting is a key of the file only.
   */
  readonly upTo?: 'flag' | 'environment' | 'file';
}
