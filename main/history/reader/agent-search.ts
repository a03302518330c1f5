import type { AgentState } from '../../../shared/model/states.ts';
import type { FindAgentsOptions, FoundAgent, FoundAgentPage } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { toCursor, toIdRange, toIdsAfter } from './id-range.ts';
import { findRunRow, toLimit } from './run-queries.ts';

/** Names that one page looks at, at about two microseconds each: what is shorter than the index's groups is found by looking. */
const MAX_LOOKED = 5_000;

/** Letters of a group in the index. */
const GROUP_LENGTH = 3;

/** Pieces of one text; more say no more. */
const MAX_PIECES = 8;
const MAX_PIECE_LENGTH = 100;

interface AgentRow {
  readonly id: number;
  readonly run_id: string;
  readonly fleet: string;
  readonly agent: number;
  readonly name: string;
  readonly state: AgentState;
  readonly changed_at_ms: number;
}

/**
 * Agents whose names hold every piece of `text`: of all runs the newest first, of one run in the order of the fleet file. The
 * index (migration 4) is walked in that order and left when the page is full; pieces of one or two letters, which it cannot find, are looked for in the names it answers with, or in the
 * newest names when all are so short. No page looks at more than 5,000 names.
 *
 * @throws {AppError} INPUT_INVALID for a limit out of bounds.
 */
export function findAgents(
  connection: Connection | undefined,
  text: string,
  options: FindAgentsOptions = {},
): FoundAgentPage {
  const limit = toLimit(options.limit ?? 20);
  const pieces = toPieces(text);
  const run = connection && options.runId !== undefined ? findRunRow(connection, options.runId) : undefined;
  if (!connection || pieces.length === 0 || (options.runId !== undefined && run === undefined)) return { agents: [] };
  const agents: FoundAgent[] = [];
  let looked = 0;
  for (const row of openRows(connection, pieces, { run, after: options.after })) {
    looked++;
    const name = fold(row.name);
    if (pieces.every((piece) => name.includes(piece))) agents.push(toFoundAgent(row));
    if (agents.length === limit || looked === MAX_LOOKED) return { agents, next: toCursor(row.id) };
  }
  return { agents };
}

function toPieces(text: string): string[] {
  const pieces = fold(text.replaceAll('\0', ' ')).split(/\s+/u);
  return pieces
    .filter((piece) => piece !== '')
    .slice(0, MAX_PIECES)
    .map((piece) => piece.slice(0, MAX_PIECE_LENGTH));
}

/** As the index reads letters: neither case nor accents count. */
function fold(text: string): string {
  return text.toWellFormed().toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '');
}

function openRows(
  connection: Connection,
  pieces: readonly string[],
  { run, after }: { readonly run: number | undefined; readonly after: string | undefined },
): IterableIterator<AgentRow> {
  const range = run === undefined ? toIdRange(run, after) : toIdsAfter(run, after);
  const order = run === undefined ? 'DESC' : 'ASC';
  const columns = 'sessions.id, run_id, fleet, sessions.agent, sessions.name, sessions.state, sessions.changed_at_ms';
  const indexed = pieces.filter((piece) => Array.from(piece).length >= GROUP_LENGTH);
  if (indexed.length === 0)
    return connection
      .prepare(
        `SELECT ${columns} FROM sessions CROSS JOIN runs USING (run)
         WHERE sessions.id > :from AND sessions.id < :to ORDER BY sessions.id ${order}`,
      )
      .iterate(range) as IterableIterator<AgentRow>;
  return connection
    .prepare(
      `SELECT ${columns} FROM agent_names CROSS JOIN sessions ON sessions.id = agent_names.rowid CROSS JOIN runs USING (run)
       WHERE agent_names MATCH :match AND agent_names.rowid > :from AND agent_names.rowid < :to
       ORDER BY agent_names.rowid ${order}`,
    )
    .iterate({ ...range, match: indexed.map(toPhrase).join(' ') }) as IterableIterator<AgentRow>;
}

/** So that nothing a person types is read as the query language of FTS5. */
function toPhrase(piece: string): string {
  return `"${piece.replaceAll('"', '""')}"`;
}

function toFoundAgent(row: AgentRow): FoundAgent {
  return {
    runId: row.run_id,
    fleet: row.fleet,
    agent: row.agent,
    name: row.name,
    state: row.state,
    changedAtMs: row.changed_at_ms,
  };
}
