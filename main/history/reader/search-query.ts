import type { SearchHit, SearchPage } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { findRunRow, present, toLimit } from './run-queries.ts';

/** What `search` may be asked. */
export interface SearchOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly runId?: string;
}

/** Words of one query; more say no more. */
const MAX_WORDS = 32;
const MAX_WORD_LENGTH = 200;

/** Characters shown before and after the first match. */
const CONTEXT_LENGTH = 120;

/**
 * Every piece of `text` between spaces as a quoted phrase, all of which must be there in any English inflection; `undefined` when it has no word.
 * So nothing a person types is read as FTS5's query language.
 */
function toMatch(text: string): string | undefined {
  const words = text
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word))
    .slice(0, MAX_WORDS)
    .map((word) => `"${word.slice(0, MAX_WORD_LENGTH).replaceAll('"', '""').toWellFormed()}"`);
  return words.length === 0 ? undefined : words.join(' ');
}

/** Newest first, by id: the index is walked backwards and left when the page is full, so nothing is ranked or counted. */
export function search(connection: Connection | undefined, text: string, options: SearchOptions = {}): SearchPage {
  const limit = toLimit(options.limit ?? 20);
  if (!connection) return { hits: [], wordLag: 0 };
  const wordLag = readWordLag(connection);
  const match = toMatch(text);
  const run = options.runId === undefined ? undefined : findRunRow(connection, options.runId);
  if (match === undefined || (options.runId !== undefined && run === undefined)) return { hits: [], wordLag };
  const from = run === undefined ? 0 : run * 2 ** 31;
  const to = Math.min(readCursor(options.after), run === undefined ? Number.MAX_SAFE_INTEGER : (run + 1) * 2 ** 31);
  const ids = connection
    .prepare(
      'SELECT rowid AS id FROM words WHERE words MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    .all(match, from, to, limit + 1) as { id: number }[];
  const words = text.split(/\s+/u);
  const hits = ids.slice(0, limit).flatMap(({ id }) => readHit(connection, id, words) ?? []);
  return ids.length > limit ? { hits, next: ids[limit - 1]!.id.toString(36), wordLag } : { hits, wordLag };
}

function readCursor(after: string | undefined): number {
  const id = after === undefined ? Number.NaN : Number.parseInt(after, 36);
  return Number.isSafeInteger(id) ? id : Number.MAX_SAFE_INTEGER;
}

function readWordLag(connection: Connection): number {
  return (
    connection
      .prepare(
        `SELECT (SELECT count(*) FROM word_late) + coalesce(sum(next_id - 1 - indexed_id), 0) AS lag
         FROM word_cursors JOIN runs USING (run) WHERE indexed_id < next_id - 1`,
      )
      .get() as { lag: number }
  ).lag;
}

interface HitRow {
  readonly run_id: string;
  readonly fleet: string;
  readonly agent: number;
  readonly at_ms: number;
  readonly turn: number | null;
  readonly call: number | null;
  readonly tool: string | null;
  readonly text: string;
}

/** The tables an indexed id may stand in, the likeliest first. */
const SOURCES: readonly { readonly what: SearchHit['what']; readonly sql: string }[] = [
  {
    what: 'toolCall',
    sql: `SELECT agent, started_at_ms AS at_ms, turn, call, tool, tool || ' ' || arguments || char(10) || coalesce(output, '') AS text, run FROM tool_calls WHERE id = :id`,
  },
  {
    what: 'turn',
    sql: `SELECT agent, started_at_ms AS at_ms, turn, NULL AS call, NULL AS tool, text, run FROM turns WHERE id = :id`,
  },
  {
    what: 'prompt',
    sql: `SELECT agent, added_at_ms AS at_ms, NULL AS turn, NULL AS call, NULL AS tool, system || char(10) || prompt AS text, run
          FROM sessions JOIN prompts USING (id) WHERE id = :id`,
  },
  {
    what: 'answer',
    sql: `SELECT agent, changed_at_ms AS at_ms, NULL AS turn, NULL AS call, NULL AS tool, answer AS text, answers.run
          FROM answers JOIN sessions USING (run, agent) WHERE answers.id = :id`,
  },
];

function readHit(connection: Connection, id: number, words: readonly string[]): SearchHit | undefined {
  for (const { what, sql } of SOURCES) {
    const row = connection
      .prepare(`SELECT * FROM (${sql}) JOIN runs USING (run)`.replace('SELECT *', HIT_COLUMNS))
      .get({ id }) as HitRow | undefined;
    if (!row) continue;
    return {
      runId: row.run_id,
      fleet: row.fleet,
      agent: row.agent,
      what,
      ...present('turn', row.turn),
      ...present('call', row.call),
      ...present('tool', row.tool),
      atMs: row.at_ms,
      text: excerpt(row.text, words),
    };
  }
  return undefined;
}

const HIT_COLUMNS = 'SELECT run_id, fleet, agent, at_ms, turn, call, tool, text';

/** The surroundings of the first word that stands in the text as it was typed; the beginning when none does. */
function excerpt(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const found = words.map((word) => (word === '' ? -1 : lower.indexOf(word.toLowerCase()))).filter((at) => at >= 0);
  const at = found.length === 0 ? 0 : Math.min(...found);
  const start = Math.max(0, at - CONTEXT_LENGTH);
  const end = Math.min(text.length, at + CONTEXT_LENGTH * 2);
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed()}${end < text.length ? '…' : ''}`;
}
