import { AppError } from '../errors/app-error.ts';
import { findNearestWord } from '../errors/nearest-word.ts';
import { MAX_VALUE_CHARS } from './define-setting.ts';
import type { NamesSetting, NumberSetting, Setting, SettingValue } from './define-setting.ts';
import { isSettingKey, SETTING_KEYS, type SettingKey, settingOf } from './settings.ts';

const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  bytes: { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  ms: { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 },
};

/**
 * The key itself when it is one.
 *
 * @throws {AppError} SETTING_UNKNOWN, with the nearest key in `details.nearest` when one is near.
 */
export function parseSettingKey(text: string, where = ''): SettingKey {
  if (isSettingKey(text)) return text;
  const nearest = nearestKey(text);
  throw new AppError(
    'SETTING_UNKNOWN',
    `There is no setting "${shorten(text)}"${where}; ${nearest ? `did you mean "${nearest}"?` : '"flotilla settings list" shows all.'}`,
    { details: nearest ? { nearest } : {} },
  );
}

/** How a list without names is said and typed; a command line cannot show an empty word. */
export const NO_NAMES = 'none';
/** What providers allow as the name of a tool, and a dot, by which fleets may group them. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/**
 * A value from text (`3`, `true`, `256MiB`, `5s`, `shell,http`) or already typed, checked against the setting's bounds. Nothing is
 * rounded or clamped.
 *
 * @param where Ends the sentence of a refusal: ` in settings.json`.
 * @throws {AppError} SETTING_INVALID with what is allowed.
 */
export function parseSettingValue(key: SettingKey, value: unknown, where = ''): SettingValue {
  const setting = settingOf(key);
  const refuse = (expected: string): never => {
    throw new AppError(
      'SETTING_INVALID',
      `"${key}"${where} must be ${expected}; ${shorten(typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'nothing'))} is not.`,
      { details: { key } },
    );
  };
  if (setting.kind === 'boolean') {
    if (value === true || value === 'true' || value === 'on') return true;
    if (value === false || value === 'false' || value === 'off') return false;
    return refuse('"true" or "false"');
  }
  if (setting.kind === 'choice') {
    const word = setting.values.find((each) => each === value);
    return word ?? refuse(`one of ${setting.values.map((each) => `"${each}"`).join(', ')}`);
  }
  if (setting.kind === 'names') return namesFrom(value, setting) ?? refuse(boundsOf(setting));
  const number = typeof value === 'number' ? value : typeof value === 'string' ? numberFrom(value, setting) : undefined;
  const isRight =
    number !== undefined &&
    (setting.kind === 'number' ? Number.isFinite(number) : Number.isSafeInteger(number)) &&
    number >= setting.min &&
    number <= setting.max;
  return isRight ? number : refuse(boundsOf(setting));
}

/** "a whole number between 1 and 64", with the unit and the suffixes that are understood. */
function boundsOf(setting: Setting): string {
  if (setting.kind === 'boolean') return '"true" or "false"';
  if (setting.kind === 'choice') return `one of ${setting.values.join(', ')}`;
  if (setting.kind === 'names')
    return `at most ${setting.maxNames} different names of letters, digits, "_", "." and "-" with commas between them, or "${NO_NAMES}"`;
  const what = setting.kind === 'integer' ? 'a whole number' : 'a number';
  const unit = setting.unit === 'count' || setting.unit === 'ratio' ? '' : ` of ${setting.unit}`;
  const suffixes = FACTORS[setting.unit];
  const hint = suffixes ? ` (${Object.keys(suffixes).slice(-3).join(', ')} are understood)` : '';
  return `${what}${unit} between ${setting.min} and ${setting.max}${hint}`;
}

/** `a, b` as `a,b`. */
function namesFrom(value: unknown, { maxNames }: NamesSetting): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_VALUE_CHARS) return undefined;
  const text = value.trim();
  if (text === '' || text === NO_NAMES) return '';
  const list = text.split(',').map((name) => name.trim());
  const isRight =
    list.length <= maxNames && new Set(list).size === list.length && list.every((name) => NAME.test(name));
  return isRight ? list.join(',') : undefined;
}

/** The names in the value of a list of names. */
export function toNames(value: string): readonly string[] {
  return value === '' ? [] : value.split(',');
}

function numberFrom(text: string, setting: NumberSetting): number | undefined {
  const match = /^(-?\d{1,16}(?:\.\d{1,16})?) ?([A-Za-z]{0,3})$/.exec(text.trim());
  if (!match) return undefined;
  const [, digits, suffix = ''] = match;
  const factor = suffix === '' ? 1 : FACTORS[setting.unit]?.[suffix];
  return factor === undefined ? undefined : Number(digits) * factor;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Also when the key's group was left out. */
function nearestKey(text: string): SettingKey | undefined {
  const keyOfName = new Map<string, SettingKey>();
  for (const key of SETTING_KEYS) keyOfName.set(key, key).set(key.slice(key.indexOf('.') + 1), key);
  const nearest = findNearestWord(text, keyOfName.keys());
  return nearest === undefined ? undefined : keyOfName.get(nearest);
}
