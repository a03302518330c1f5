import { AGENT_STATES } from '../../../../shared/model/states.ts';
import type { Arrangement } from './agent-order-keys.ts';
import type { AgentsStore } from './agents-store.ts';

/** Agents under one heading: rows `from` up to, not including, `to` of the order. */
export interface Section {
  readonly group: number;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly isCollapsed: boolean;
  /** Where its heading stands among the items. */
  readonly at: number;
}

/** What stands in one line of the table. */
export type Item =
  | { readonly kind: 'agent'; readonly agent: number }
  | { readonly kind: 'heading'; readonly section: Section };

/** The lines of the table: agents in order, under headings where they are grouped. */
export interface Items {
  readonly count: number;
  readonly rows: Uint32Array;
  readonly sections: readonly Section[];
}

/** Puts headings above the groups of `rows`, which are in order already. */
export function toItems(
  store: AgentsStore,
  rows: Uint32Array,
  groupBy: Arrangement['groupBy'],
  collapsed: ReadonlySet<string>,
): Items {
  if (groupBy === 'none') return { count: rows.length, rows, sections: [] };
  const groupOf = groupBy === 'state' ? store.state : store.nameGroup;
  const titles: readonly string[] = groupBy === 'state' ? AGENT_STATES : store.groupNames;
  const sections: Section[] = [];
  let at = 0;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const group = groupOf[rows[from]!]!;
    while (to < rows.length && groupOf[rows[to]!] === group) to++;
    const title = titles[group] ?? '';
    const isCollapsed = collapsed.has(title);
    sections.push({ group, title, from, to, isCollapsed, at });
    at += 1 + (isCollapsed ? 0 : to - from);
  }
  return { count: at, rows, sections };
}

/** What stands in line `index`; `undefined` outside the table. */
export function itemAt({ count, rows, sections }: Items, index: number): Item | undefined {
  if (index < 0 || index >= count) return undefined;
  if (sections.length === 0) return { kind: 'agent', agent: rows[index]! };
  const section = sections[lastAtOrBefore(sections, index)]!;
  if (section.at === index) return { kind: 'heading', section };
  return { kind: 'agent', agent: rows[section.from + index - section.at - 1]! };
}

/** Where an agent stands; -1 when it is filtered out or its group is collapsed. One sweep: for a key press, not for a frame. */
export function indexOfAgent({ rows, sections }: Items, agent: number): number {
  const row = rows.indexOf(agent);
  if (row === -1 || sections.length === 0) return row;
  const section = sections.find(({ from, to }) => row >= from && row < to);
  if (!section || section.isCollapsed) return -1;
  return section.at + 1 + row - section.from;
}

function lastAtOrBefore(sections: readonly Section[], index: number): number {
  let low = 0;
  let high = sections.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sections[middle]!.at <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a key moves the cursor among `count` lines; `undefined` for a key that moves nothing. -1: it is nowhere yet. */
export function moveCursor(key: string, index: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined;
  const to = toTarget(key, index, count, page);
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

function toTarget(key: string, index: number, count: number, page: number): number | undefined {
  if (key === 'ArrowDown') return index + 1;
  if (key === 'ArrowUp') return index === -1 ? count - 1 : index - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if (key === 'PageDown') return index + page;
  return key === 'PageUp' ? index - page : undefined;
}
