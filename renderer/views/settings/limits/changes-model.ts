import type { OutputOf } from '../../../../shared/contract/contract.ts';
import type { SettingChange, SettingPreset, settings, SettingState } from '../../../../shared/contract/settings.ts';
import { toCounted } from '../../../ui/format.ts';
import { toReadable } from './limits-model.ts';

/** What a command answers that has changed limits. */
export type Applied = OutputOf<(typeof settings)['entries']['set']>;

/** What was changed at once: one limit, or several together. */
export interface ChangeEntry {
  /** Takes all of it back. */
  readonly version: number;
  readonly by: string;
  readonly atMs: number;
  readonly changes: readonly SettingChange[];
  /** The versions it takes back, the smallest first. */
  readonly undoes: readonly number[];
  /** It is no undo, and nothing of it has been taken back. */
  readonly canUndo: boolean;
  /** It has been taken back. */
  readonly isUndone: boolean;
}

/** The trail as it is shown, newest first as it comes; what was changed together is one entry. */
export function toChangeEntries(changes: readonly SettingChange[]): ChangeEntry[] {
  const undone = new Set(changes.flatMap(({ undoes }) => undoes ?? []));
  const together = Map.groupBy(changes, ({ version, group }) => group ?? version);
  return [...together.values()].map((members) => {
    const undoes = members.flatMap((change) => change.undoes ?? []).toSorted((a, b) => a - b);
    const isUndone = members.every(({ version }) => undone.has(version));
    const { version, by, atMs } = members.at(-1)!;
    return {
      version,
      by,
      atMs,
      changes: members.toReversed(),
      undoes,
      isUndone,
      canUndo: undoes.length === 0 && !isUndone,
    };
  });
}

/** Units by key, for values that come without them. */
export type Units = ReadonlyMap<string, SettingState['unit']>;

/** `cpu.maxWorkers 4 → 8`. */
export function toChangeWords({ key, from, to }: SettingPreset['changes'][number], units: Units): string {
  const unit = units.get(key) ?? 'count';
  return `${key} ${toReadable(from, unit)} → ${toReadable(to, unit)}`;
}

/** At most so many limits are named in passing; the panel of changes has them all. */
const NAMED = 3;

/** What has changed, and what hides it at the next start, in a line or two. */
export function toAppliedWords({ changes, settings: states, hiddenBy }: Applied): string {
  const units: Units = new Map(states.map(({ key, unit }) => [key, unit]));
  const named = changes.slice(0, NAMED).map((change) => toChangeWords(change, units));
  const rest = changes.length - named.length;
  const words = [...named, ...(rest > 0 ? [`${toCounted(rest, 'limit')} more`] : [])].join(', ');
  const hidden = hiddenBy.length > 0 ? ` ${hiddenBy.join(', ')} is stronger and hides this at the next start.` : '';
  return `${words === '' ? 'Everything was so already' : words}.${hidden}`;
}

/** Why a preset cannot be saved under `name`, or what that replaces. */
export function checkPresetName(
  name: string,
  presets: readonly Pick<SettingPreset, 'name' | 'isOwn'>[],
): { readonly problem?: string; readonly hint?: string } {
  const same = presets.find((preset) => preset.name === name.trim());
  if (same?.isOwn === false) return { problem: `“${same.name}” comes with the program; choose another name.` };
  return same ? { hint: `Replaces the “${same.name}” that was saved before.` } : {};
}
