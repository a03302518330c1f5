import type { FittedColumn } from '../fit-columns.ts';

/** A column of the list of runs. */
export type RunColumn = FittedColumn<
  'fleet' | 'state' | 'started' | 'duration' | 'agents' | 'toolCalls' | 'tokens' | 'cost'
>;

/** All columns, from left to right. */
export const RUN_COLUMNS: readonly RunColumn[] = [
  { id: 'fleet', title: 'Fleet', minPx: 140, grow: 2, isNumber: false, weight: Infinity },
  { id: 'state', title: 'State', minPx: 110, grow: 0, isNumber: false, weight: Infinity },
  { id: 'started', title: 'Started', minPx: 130, grow: 0, isNumber: false, weight: 5 },
  { id: 'duration', title: 'Duration', minPx: 84, grow: 0, isNumber: true, weight: 3 },
  { id: 'agents', title: 'Agents', minPx: 160, grow: 2, isNumber: false, weight: 6 },
  { id: 'toolCalls', title: 'Tool calls', minPx: 90, grow: 0, isNumber: true, weight: 1 },
  { id: 'tokens', title: 'Tokens', minPx: 80, grow: 0, isNumber: true, weight: 2 },
  { id: 'cost', title: 'Cost', minPx: 84, grow: 0, isNumber: true, weight: 4 },
];
