import type { FoundText } from '../../../../shared/contract/history.ts';
import type { LogEntry } from './log-model.ts';

/** What an address calls the entry of a log in which a text was found: `call-12`, `turn-3-1767225600000`, `prompt`, `answer`. */
export function toEntryName({ what, turn, call, atMs }: Pick<FoundText, 'what' | 'turn' | 'call' | 'atMs'>): string {
  if (what === 'toolCall') return `call-${call ?? 0}`;
  // Several attempts at a turn have its number.
  return what === 'turn' ? `turn-${turn ?? 0}-${atMs}` : what;
}

/** The place of the entry an address names; -1 where there is none. Of an agent that ended more than once, its last answer is meant. */
export function findNamed(entries: readonly LogEntry[], name: string): number {
  return entries.findLastIndex((entry) => nameOf(entry) === name);
}

function nameOf(entry: LogEntry): string {
  if (entry.kind === 'toolCall') return `call-${entry.call}`;
  return entry.kind === 'turn' ? `turn-${entry.turn}-${entry.atMs}` : entry.kind;
}
