/** How a changed setting reaches what it limits: at once, by replacing instances one after the other, or at the next start. */
export const APPLIES = ['live', 'rolling', 'restart'] as const;
type Applies = (typeof APPLIES)[number];

/** Where a value came from, the weakest first; `screen` is a change to a running instance that a stronger layer would hide. */
export const SETTING_SOURCES = ['default', 'file', 'environment', 'command line', 'screen'] as const;
/** One of `SETTING_SOURCES`. */
export type SettingSource = (typeof SETTING_SOURCES)[number];

/** What the value of a setting may be. */
export const SETTING_KINDS = ['integer', 'number', 'boolean', 'choice', 'names'] as const;

/** Units of settings; `count` has none, `switch` is on or off, `names` a list of them. */
export const UNITS = ['count', 'ms', 'bytes', 'ratio', 'per second', 'switch', 'choice', 'names'] as const;
type Unit = (typeof UNITS)[number];

/** What a default may depend on. */
export interface MachineFacts {
  /** Cores this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
}

interface Common {
  readonly applies: Applies;
  /** One sentence: what it limits and what happens at the limit. */
  readonly summary: string;
}

/** A limit that is a number. */
export interface NumberSetting extends Common {
  readonly kind: 'integer' | 'number';
  readonly unit: Exclude<Unit, 'switch' | 'choice' | 'names'>;
  readonly min: number;
  readonly max: number;
  readonly default: number | ((machine: MachineFacts) => number);
}

/** A limit that is on or off. */
export interface BooleanSetting extends Common {
  readonly kind: 'boolean';
  readonly unit: 'switch';
  readonly default: boolean;
}

/** A limit that is one of a few words. */
export interface ChoiceSetting<Word extends string = string> extends Common {
  readonly kind: 'choice';
  readonly unit: 'choice';
  readonly values: readonly Word[];
  readonly default: Word;
}

/** A list of names, in one text with commas between them; empty when there are none. */
export interface NamesSetting extends Common {
  readonly kind: 'names';
  readonly unit: 'names';
  readonly maxNames: number;
  readonly default: string;
}

/** One tunable limit; the registry in `settings.ts` gives it its key. */
export type Setting = NumberSetting | BooleanSetting | ChoiceSetting | NamesSetting;

/** A setting's value, in the unit of the setting. */
export type SettingValue = number | boolean | string;

/** Characters a value of text has at most: a list of names is the longest. */
export const MAX_VALUE_CHARS = 2_000;

type NumberSpec = Omit<NumberSetting, 'kind' | 'unit'>;

/** A whole number of things. */
export function count(spec: NumberSpec): NumberSetting {
  return { kind: 'integer', unit: 'count', ...spec };
}

/** A time in whole milliseconds. */
export function milliseconds(spec: NumberSpec): NumberSetting {
  return { kind: 'integer', unit: 'ms', ...spec };
}

/** A size in whole bytes. */
export function bytes(spec: NumberSpec): NumberSetting {
  return { kind: 'integer', unit: 'bytes', ...spec };
}

/** A part of one: 0.6 is 60 %. */
export function ratio(spec: NumberSpec): NumberSetting {
  return { kind: 'number', unit: 'ratio', ...spec };
}

/** Something that is on or off. */
export function toggle(spec: Omit<BooleanSetting, 'kind' | 'unit'>): BooleanSetting {
  return { kind: 'boolean', unit: 'switch', ...spec };
}

/** One of a few words. */
export function choice<const Word extends string>(
  spec: Omit<ChoiceSetting<Word>, 'kind' | 'unit'>,
): ChoiceSetting<Word> {
  return { kind: 'choice', unit: 'choice', ...spec };
}

/** Some of what may be named, each once. Names of nothing are taken: what they name may come later. */
export function names(spec: Omit<NamesSetting, 'kind' | 'unit'>): NamesSetting {
  return { kind: 'names', unit: 'names', ...spec };
}
