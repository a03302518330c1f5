import type { SortKey } from './agent-order-keys.ts';

/** A column of the table of agents. */
export interface Column {
  readonly id: SortKey;
  readonly title: string;
  /** Narrowest width in CSS pixels. */
  readonly minPx: number;
  /** Share of the room that is left; 0 stays as narrow as `minPx`. */
  readonly grow: number;
  readonly isNumber: boolean;
  /** The lowest goes first where the table is narrow. */
  readonly weight: number;
}

/** All columns, from left to right. */
export const COLUMNS: readonly Column[] = [
  { id: 'agent', title: 'Agent', minPx: 116, grow: 1, isNumber: false, weight: 9 },
  { id: 'state', title: 'State', minPx: 128, grow: 0, isNumber: false, weight: 8 },
  { id: 'doing', title: 'Doing now', minPx: 130, grow: 3, isNumber: false, weight: 5 },
  { id: 'turns', title: 'Turns', minPx: 58, grow: 0, isNumber: true, weight: 1 },
  { id: 'toolCalls', title: 'Tool calls', minPx: 80, grow: 0, isNumber: true, weight: 6 },
  { id: 'tokens', title: 'Tokens', minPx: 70, grow: 0, isNumber: true, weight: 3 },
  { id: 'cost', title: 'Cost', minPx: 70, grow: 0, isNumber: true, weight: 4 },
  { id: 'elapsed', title: 'Elapsed', minPx: 76, grow: 0, isNumber: true, weight: 2 },
];

/** Width of the column with the menu of each row. */
const MENU_PX = 36;

/** What a person said of a column: to be seen whatever the width, or never. */
export type Chosen = Readonly<Partial<Record<SortKey, boolean>>>;

/**
 * The columns that fit into `widthPx`: the least important go first, then those a person wants stay and the table scrolls
 * sideways. The name and the state always stay.
 */
export function fitColumns(widthPx: number, chosen: Chosen): readonly Column[] {
  let columns = COLUMNS.filter(({ id }) => chosen[id] !== false);
  const droppable = columns
    .filter(({ id }) => chosen[id] !== true && id !== 'agent' && id !== 'state')
    .toSorted((a, b) => a.weight - b.weight);
  for (const least of droppable) {
    if (toMinWidth(columns) <= widthPx) break;
    columns = columns.filter((column) => column !== least);
  }
  return columns;
}

/** The narrowest width in which nothing is cut. */
export function toMinWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, { minPx }) => sum + minPx, MENU_PX);
}

/** For `grid-template-columns`. */
export function toTemplate(columns: readonly Column[]): string {
  const tracks = columns.map(({ minPx, grow }) => (grow === 0 ? `${minPx}px` : `minmax(${minPx}px, ${grow}fr)`));
  return [...tracks, `${MENU_PX}px`].join(' ');
}
