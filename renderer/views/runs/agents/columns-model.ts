import { fitColumns as fit, type FittedColumn } from '../fit-columns.ts';
import type { SortKey } from './agent-order-keys.ts';

/** A column of the table of agents. */
export type Column = FittedColumn<SortKey>;

/** All columns, from left to right. */
export const COLUMNS: readonly Column[] = [
  { id: 'agent', title: 'Agent', minPx: 116, grow: 2, isNumber: false, weight: Infinity },
  { id: 'state', title: 'State', minPx: 128, grow: 0, isNumber: false, weight: Infinity },
  { id: 'doing', title: 'Doing now', minPx: 130, grow: 3, isNumber: false, weight: 5 },
  { id: 'turns', title: 'Turns', minPx: 58, grow: 0, isNumber: true, weight: 1 },
  { id: 'toolCalls', title: 'Tool calls', minPx: 80, grow: 0, isNumber: true, weight: 6 },
  { id: 'tokens', title: 'Tokens', minPx: 70, grow: 0, isNumber: true, weight: 3 },
  { id: 'cost', title: 'Cost', minPx: 70, grow: 0, isNumber: true, weight: 4 },
  { id: 'elapsed', title: 'Elapsed', minPx: 76, grow: 0, isNumber: true, weight: 2 },
];

/** What a person said of a column: to be seen whatever the width, or never. */
export type Chosen = Readonly<Partial<Record<SortKey, boolean>>>;

/**
 * The columns that fit into `widthPx`: the least important go first, then those a person wants stay and the table scrolls
 * sideways. The name and the state always stay.
 */
export function fitColumns(widthPx: number, chosen: Chosen): readonly Column[] {
  const wanted = COLUMNS.filter(({ id }) => chosen[id] !== false);
  const kept = fit(
    wanted.map((column) => (chosen[column.id] === true ? { ...column, weight: Infinity } : column)),
    widthPx,
  );
  return wanted.filter(({ id }) => kept.some((column) => column.id === id));
}
