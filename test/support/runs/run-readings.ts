import { isFinalAgentState } from '../../../shared/model/states.ts';
import { agentNames, agentRows } from '../../../shared/table/agent-tables.ts';
import { decodeTable, isTableOf } from '../../../shared/table/decode-table.ts';
import type { Columns, TableSchema } from '../../../shared/table/define-table.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';
import type { AgentLogItem } from '../../../shared/contract/run-schemas.ts';

export type Reading = Record<string, number | string>;

/** The rows of a table as objects. */
export function readTable<C extends Columns>(schema: TableSchema<C>, message: Uint8Array): Reading[] {
  const { rows, columns } = decodeTable(schema, message);
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => {
        const of = column as ArrayLike<number> | { at(row: number): string };
        return [
          name,
          ArrayBuffer.isView(of) ? (of as Float64Array)[row]! : (of as { at(row: number): string }).at(row),
        ];
      }),
    ),
  );
}

/** The last word of a stream of agents on each of them: its names and its row in one, by number. */
export async function readAgents(stream: AsyncIterable<Uint8Array>): Promise<Reading[]> {
  const agents: Reading[] = [];
  for await (const message of stream) {
    const isNames = isTableOf(agentNames, message);
    for (const row of isNames ? readTable(agentNames, message) : readTable(agentRows, message))
      agents[row['agent'] as number] = { ...agents[row['agent'] as number], ...row };
  }
  return agents;
}

/** Every row of a stream of figures. */
export async function readFigures(stream: AsyncIterable<Uint8Array>): Promise<Reading[]> {
  const rows: Reading[] = [];
  for await (const message of stream) rows.push(...readTable(runFrames, message));
  return rows;
}

/** The entries of a log as a page keeps them: a known key replaces the earlier one in its place, `restart` forgets all. */
export async function readLog(stream: AsyncIterable<AgentLogItem>): Promise<{
  readonly entries: AgentLogItem[];
  readonly older: string | undefined;
}> {
  const entries = new Map<string, AgentLogItem>();
  let older: string | undefined;
  for await (const item of stream) {
    if (item.kind === 'baseline') older = item.older;
    else if (item.kind === 'restart') entries.clear();
    else entries.set(item.key, item);
    // What a program printed while it ran gives way to its answer.
    if (item.kind === 'state' && isFinalAgentState(item.state)) entries.delete('output');
  }
  return { entries: [...entries.values()], older };
}
