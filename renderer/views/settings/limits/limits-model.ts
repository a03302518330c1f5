import type { SettingState } from '../../../../shared/contract/settings.ts';
import { isAppError } from '../../../../shared/errors/app-error.ts';
import { NO_NAMES, parseSettingKey, parseSettingValue, toNames } from '../../../../shared/settings/setting-value.ts';
import { toCount } from '../../../ui/format.ts';

/** A setting's value in its own unit. */
export type Value = SettingState['wanted'];
type Unit = SettingState['unit'];

const SIZES = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
] as const;
const TIMES = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Groups of limits as people call them, by the first words of their keys. */
const GROUP_TITLES: Readonly<Record<string, string>> = {
  io: 'I/O lane',
  cpu: 'CPU workers',
  process: 'Processes',
  provider: 'Providers',
  agents: 'Agents',
  tools: 'Tools',
  breaker: 'Circuit breakers',
  'cache.toolSchemas': 'Cache: tool schemas',
  'cache.toolResults': 'Cache: tool results',
  'cache.modelAnswers': 'Cache: model answers',
  'cache.sessionContexts': 'Cache: session contexts',
  history: 'History',
  memory: 'Memory',
  gc: 'Garbage collection',
};

/** Shown instead of one group. */
export const ALL = 'all';
/** Shown instead of one group: what differs from its default. */
export const CHANGED = 'changed';
/** `ALL`, `CHANGED`, or the name of a group; no group has such a name. */
export type Shown = string;

/** Settings of one group. */
export interface SettingGroup {
  readonly name: string;
  readonly title: string;
  readonly settings: readonly SettingState[];
}

/** A value as it is shown and typed: nothing is rounded, so what is shown can be typed back (`256 MiB`, `30 s`). */
export function toValueText(value: Value, unit: Unit): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return unit === 'names' ? toNames(value).join(', ') || NO_NAMES : value;
  if (unit === 'bytes') return inLargest(value, SIZES);
  if (unit === 'ms') return inLargest(value, TIMES);
  return unit === 'ratio' ? String(value) : toPlain(value);
}

function inLargest(value: number, units: readonly (readonly [string, number])[]): string {
  const fit = units.find(([, size]) => value !== 0 && value % size === 0) ?? units.at(-1);
  return fit ? `${toPlain(value / fit[1])} ${fit[0]}` : toPlain(value);
}

/** Without separators: the field's own text must be readable as a number again. */
function toPlain(value: number): string {
  return String(value);
}

/** Settings whose key, sentence, group or source hold every word of `search`. */
export function findSettings(settings: readonly SettingState[], search: string): readonly SettingState[] {
  const words = search.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return settings;
  return settings.filter(({ key, summary, source }) => {
    const text = `${key} ${summary} ${source} ${toGroupTitle(toGroupName(key))}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Settings by group, in the order in which they come. */
export function groupSettings(settings: readonly SettingState[]): SettingGroup[] {
  const groups = Map.groupBy(settings, ({ key }) => toGroupName(key));
  return [...groups].map(([name, members]) => ({ name, title: toGroupTitle(name), settings: members }));
}

function toGroupName(key: string): string {
  return key.slice(0, key.lastIndexOf('.'));
}

function toGroupTitle(name: string): string {
  return GROUP_TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** Whether somebody has set it to something else than its default. */
export function isChanged({ wanted, default: standard }: SettingState): boolean {
  return wanted !== standard;
}

/** The name within its group: `cpu.maxWorkers` → `maxWorkers`. */
export function toShortKey(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

/** What was typed for a setting, checked as the host will check it. */
export type Draft =
  | { readonly kind: 'same' }
  | { readonly kind: 'new'; readonly value: Value }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads what was typed. A key this page does not know is left for the host to judge. */
export function readDraft(setting: SettingState, typed: string): Draft {
  // Numbers may be typed with separators.
  const text = setting.kind === 'names' ? typed.trim() : typed.trim().replaceAll(',', '');
  if (text === toValueText(setting.wanted, setting.unit)) return { kind: 'same' };
  try {
    const value = parseSettingValue(parseSettingKey(setting.key), text);
    return value === setting.wanted ? { kind: 'same' } : { kind: 'new', value };
  } catch (error) {
    if (isAppError(error, 'SETTING_UNKNOWN')) return { kind: 'new', value: text };
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** `1 to 64`, or the words it may be. */
export function toBoundsText({ min, max, values, maxNames, unit }: SettingState): string {
  if (maxNames !== undefined) return `up to ${maxNames} names, with commas between them`;
  if (values !== undefined) return values.join(', ');
  if (min === undefined || max === undefined) return '';
  return `${toReadable(min, unit)} to ${toReadable(max, unit)}`;
}

/** For reading only: with separators. */
export function toReadable(value: Value, unit: Unit): string {
  if (typeof value === 'number' && (unit === 'count' || unit === 'per second')) return toCount(value);
  return toValueText(value, unit);
}

const APPLIES: Readonly<Record<SettingState['applies'], string>> = {
  live: 'applies at once',
  rolling: 'applies by replacing one after the other; nothing is lost',
  restart: 'applies at the next start',
};

/** When a change acts. */
export function toAppliesText({ applies }: SettingState): string {
  return APPLIES[applies];
}

/** What is on its way, or `undefined` when what is wanted is in force everywhere. */
export function toPendingText({ wanted, effective, unit, applies, draining }: SettingState): string | undefined {
  if (draining) {
    const by = wanted === effective ? '' : `in force: ${toReadable(effective, unit)}, `;
    return `${by}${toCount(draining.left)} of ${toCount(draining.total)} still to change`;
  }
  if (wanted === effective) return undefined;
  const now = toReadable(effective, unit);
  return applies === 'restart' ? `in force: ${now} until the program starts again` : `in force: ${now}, changing`;
}
