import type { SearchHit, SearchPage } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { toCursor, toIdRange } from './id-range.ts';
import { findRunRow, present, toLimit } from './run-queries.ts';
import { markWords, type Mark } from './search-marks.ts';

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

/** Characters of a row in which the first word is looked for; a row is shown from its beginning when all stand behind it. */
const LOOKED_THROUGH_LENGTH = 65_536;

/**
 * Every piece of `text` between spaces as a quoted phrase, in any English inflection; none when it has no word.
 * So nothing a person types is read as FTS5's query language.
 */
function toPhrases(text: string): readonly string[] {
  return text
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word))
    .slice(0, MAX_WORDS)
    .map((word) => `"${word.slice(0, MAX_WORD_LENGTH).replaceAll('"', '""').toWellFormed()}"`);
}

/** Newest first, by id: the index is walked backwards and left when the page is full, so nothing is ranked or counted. */
export function search(connection: Connection | undefined, text: string, options: SearchOptions = {}): SearchPage {
  const limit = toLimit(options.limit ?? 20);
  if (!connection) return { hits: [], wordLag: 0 };
  const wordLag = readWordLag(connection);
  const phrases = toPhrases(text);
  const run = options.runId === undefined ? undefined : findRunRow(connection, options.runId);
  if (phrases.length === 0 || (options.runId !== undefined && run === undefined)) return { hits: [], wordLag };
  const { from, to } = toIdRange(run, options.after);
  const ids = connection
    .prepare(
      'SELECT rowid AS id FROM words WHERE words MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    .all(phrases.join(' '), from, to, limit + 1) as { id: number }[];
  const rows = ids.slice(0, limit).flatMap(({ id }) => readRow(connection, id) ?? []);
  const hits = showPlaces(connection, rows, phrases);
  return ids.length > limit ? { hits, next: toCursor(ids[limit - 1]!.id), wordLag } : { hits, wordLag };
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
  readonly name: string | null;
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

type FoundRow = HitRow & Pick<SearchHit, 'what'>;

function readRow(connection: Connection, id: number): FoundRow | undefined {
  for (const { what, sql } of SOURCES) {
    const row = connection.prepare(hitSql(sql)).get({ id }) as HitRow | undefined;
    if (row) return { ...row, what };
  }
  return undefined;
}

const hitSql = (source: string): string => `
  SELECT run_id, fleet, agent, at_ms, turn, call, tool, text,
    (SELECT name FROM sessions WHERE sessions.run = found.run AND sessions.agent = found.agent) AS name
  FROM (${source}) AS found JOIN runs USING (run)`;

/** Shows each row where a word stands, and marks all words in what is shown. */
function showPlaces(connection: Connection, rows: readonly FoundRow[], phrases: readonly string[]): SearchHit[] {
  const anyWord = phrases.join(' OR ');
  const typed = toTypedPattern(phrases);
  const places = rows.map(({ text }) => text.search(typed));
  // Only where no word stands as it was typed is the whole text read as the index reads it: that takes longer.
  const inflected = rows.filter((_, at) => places[at] === -1);
  const beginnings = inflected.map(({ text }) => text.slice(0, LOOKED_THROUGH_LENGTH));
  const found = markWords(connection, anyWord, beginnings).map(([first]) => first?.[0] ?? 0);
  const excerpts = rows.map((row, at) =>
    excerpt(row.text, places[at] === -1 ? found[inflected.indexOf(row)]! : places[at]!),
  );
  const marks = markWords(connection, anyWord, excerpts);
  return rows.map((row, at) => toHit(row, excerpts[at]!, marks[at]!));
}

/** Any of the words as it was typed, in either case, between what is no part of a word. */
function toTypedPattern(phrases: readonly string[]): RegExp {
  const words = phrases.map((phrase) => phrase.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''));
  const literals = words
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('""', '"').replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
  // A phrase of signs only stands nowhere as it is.
  if (literals.length === 0) return /(?!)/;
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${literals.join('|')})(?![\p{L}\p{N}])`, 'iu');
}

function toHit(row: FoundRow, text: string, marks: readonly Mark[]): SearchHit {
  return {
    runId: row.run_id,
    fleet: row.fleet,
    agent: row.agent,
    name: row.name ?? `agent ${row.agent}`,
    what: row.what,
    ...present('turn', row.turn),
    ...present('call', row.call),
    ...present('tool', row.tool),
    atMs: row.at_ms,
    text,
    marks,
  };
}

/** The surroundings of a place in a text. */
function excerpt(text: string, at: number): string {
  const start = Math.max(0, at - CONTEXT_LENGTH);
  const end = Math.min(text.length, at + CONTEXT_LENGTH * 2);
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed()}${end < text.length ? '…' : ''}`;
}
