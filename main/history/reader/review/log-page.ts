import { AppError } from '../../../../shared/errors/app-error.ts';
import type { AgentLogItem } from '../../../../shared/contract/run-schemas.ts';
import type { StopReason } from '../../../../shared/model/conversation.ts';
import { isFinalAgentState, type AgentState } from '../../../../shared/model/states.ts';
import type { Connection } from '../../store/database.ts';
import { ROW_AND_CACHED, toCall, toTurn, type CallRow, type TurnRow } from '../record-pages.ts';
import { findRunRow } from '../run-queries.ts';
import {
  toAnswerItem,
  toCallItem,
  toNoticeItem,
  toPromptItem,
  toStateItem,
  toStopText,
  toTurnItem,
} from './log-items.ts';
import type { LogItem } from './log-items.ts';

/** Entries of a page, and the text at which it ends early, in characters. */
const PAGE_ENTRIES = 200;
const PAGE_CHARS = 1_000_000;

/** Rows of one run have ids below this, beside the part that names the run. */
const IDS_PER_RUN = 2 ** 31;

/** What a page of an agent's log is asked for. */
export interface LogPageRequest {
  readonly runId: string;
  readonly agent: number;
  /** The `older` of the page after it; the newest page when absent. */
  readonly before?: string;
}

/** Entries of an agent's log, oldest first. */
export interface LogPage {
  readonly items: readonly AgentLogItem[];
  /** Where the page before it ends; absent when this one begins with the prompt. */
  readonly older?: string;
  /** Where the agent stands; absent when the run has no such agent. */
  readonly state?: AgentState;
}

/** Where each kind of row goes on, towards older ones: exclusive. */
interface Cursor {
  turn: number;
  turnId: number;
  call: number;
  event: number;
  notice: number;
}

const CURSOR_KEYS = ['turn', 'turnId', 'call', 'event', 'notice'] as const satisfies (keyof Cursor)[];
const NEWEST: Cursor = { turn: 2 ** 40, turnId: IDS_PER_RUN, call: 2 ** 40, event: IDS_PER_RUN, notice: IDS_PER_RUN };

/**
 * The entries of one agent's log before a place, from its turns, calls, changes of state and notices.
 *
 * Each kind is walked backwards by its index, a row at a time, and the newest of their heads is taken, so that no more is
 * read than the page holds.
 *
 * @throws {AppError} INPUT_INVALID for a place that no page has named.
 */
export function logPage(connection: Connection | undefined, request: LogPageRequest): LogPage {
  const cursor = request.before === undefined ? { ...NEWEST } : parseCursor(request.before);
  const run = connection && findRunRow(connection, request.runId);
  if (!connection || run === undefined) return { items: [] };
  const session = readSession(connection, run, request.agent);
  const entries = takeNewest(openSources({ connection, run, agent: request.agent, session }, cursor), cursor);
  const items = entries.items.toReversed();
  if (session && !entries.hasMore) items.unshift(toPromptItem(session));
  if (session?.state === 'interrupted' && request.before === undefined)
    items.push(toStateItem(session.changedAtMs, 'interrupted', session.reason ?? undefined));
  return { items, older: entries.hasMore ? formatCursor(cursor) : undefined, state: session?.state };
}

interface Session {
  readonly atMs: number;
  readonly changedAtMs: number;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly stop: string | null;
  readonly system: string;
  readonly prompt: string;
  readonly answer: string | null;
}

function readSession(connection: Connection, run: number, agent: number): Session | undefined {
  return connection
    .prepare(
      `SELECT added_at_ms AS atMs, changed_at_ms AS changedAtMs, state, reason, stop, coalesce(system, '') AS system,
         coalesce(prompt, '') AS prompt, answer
       FROM sessions LEFT JOIN prompts USING (id) LEFT JOIN answers ON answers.id = answer_id
       WHERE sessions.run = ? AND sessions.agent = ?`,
    )
    .get(run, agent) as Session | undefined;
}

/** Entries that belong together, newest first, and where they stand among all. */
interface Entry {
  readonly items: readonly AgentLogItem[];
  /** Time, then turn, then what comes first within a turn. */
  readonly order: readonly [atMs: number, turn: number, rank: number];
  readonly pass: (cursor: Cursor) => void;
}

interface Subject {
  readonly connection: Connection;
  readonly run: number;
  readonly agent: number;
  readonly session: Session | undefined;
}

/** What is of no turn comes after the turns of its moment. */
const AFTER_TURNS = Number.MAX_SAFE_INTEGER;

function openSources(subject: Subject, cursor: Cursor): IterableIterator<Entry>[] {
  return [
    turnEntries(subject, cursor),
    callEntries(subject, cursor),
    eventEntries(subject, cursor),
    noticeEntries(subject, cursor),
  ];
}

function* turnEntries({ connection, run, agent }: Subject, { turn, turnId }: Cursor): Generator<Entry> {
  const rows = connection
    .prepare(
      `SELECT ${ROW_AND_CACHED} FROM turns AS rows WHERE run = ? AND agent = ? AND (turn, id) < (?, ?) ORDER BY turn DESC, id DESC LIMIT ${PAGE_ENTRIES + 1}`,
    )
    .iterate(run, agent, turn, run * IDS_PER_RUN + turnId) as IterableIterator<TurnRow>;
  for (const row of rows)
    yield {
      items: [toTurnItem(toTurn('', row))],
      order: [row.started_at_ms, row.turn, 0],
      pass: (cursor) => Object.assign(cursor, { turn: row.turn, turnId: row.id - run * IDS_PER_RUN }),
    };
}

function* callEntries({ connection, run, agent }: Subject, { call }: Cursor): Generator<Entry> {
  const rows = connection
    .prepare(
      `SELECT ${ROW_AND_CACHED} FROM tool_calls AS rows WHERE run = ? AND agent = ? AND call < ? ORDER BY call DESC LIMIT ${PAGE_ENTRIES + 1}`,
    )
    .iterate(run, agent, call) as IterableIterator<CallRow>;
  for (const row of rows)
    yield {
      items: [toCallItem(toCall('', row))],
      order: [row.started_at_ms, row.turn, 1],
      pass: (cursor) => Object.assign(cursor, { call: row.call }),
    };
}

function* eventEntries({ connection, run, agent, session }: Subject, { event }: Cursor): Generator<Entry> {
  const rows = connection
    .prepare(
      `SELECT id, at_ms, state, reason FROM events WHERE run = ? AND agent = ? AND id < ? ORDER BY id DESC LIMIT ${PAGE_ENTRIES + 1}`,
    )
    .iterate(run, agent, run * IDS_PER_RUN + event) as IterableIterator<EventRow>;
  for (const row of rows)
    yield {
      items: toStateItems(row, session),
      order: [row.at_ms, AFTER_TURNS, 1],
      pass: (cursor) => Object.assign(cursor, { event: row.id - run * IDS_PER_RUN }),
    };
}

interface EventRow {
  readonly id: number;
  readonly at_ms: number;
  readonly state: AgentState;
  readonly reason: string | null;
}

/** Of the last end of an agent its session knows why it ended and what it answered. */
function toStateItems({ at_ms: atMs, state, reason }: EventRow, session: Session | undefined): AgentLogItem[] {
  const isLastEnd = isFinalAgentState(state) && session?.state === state && session.changedAtMs === atMs;
  if (!isLastEnd) return [toStateItem(atMs, state, reason ?? undefined)];
  const stop = session.stop === null ? undefined : (JSON.parse(session.stop) as StopReason);
  const answer = toAnswerItem(atMs, session.answer ?? undefined);
  return [toStateItem(atMs, state, reason ?? toStopText(stop)), ...(answer ? [answer] : [])];
}

function* noticeEntries({ connection, run, agent }: Subject, { notice }: Cursor): Generator<Entry> {
  const from = run * IDS_PER_RUN;
  const rows = connection
    .prepare(
      `SELECT id, at_ms AS atMs, level, text FROM notices WHERE id > ? AND id < ? AND agent = ? ORDER BY id DESC LIMIT ${PAGE_ENTRIES + 1}`,
    )
    .iterate(from, from + notice, agent) as IterableIterator<Omit<LogItem<'notice'>, 'kind' | 'key'> & { id: number }>;
  for (const row of rows)
    yield {
      items: [toNoticeItem(row)],
      order: [row.atMs, AFTER_TURNS, 0],
      pass: (cursor) => Object.assign(cursor, { notice: row.id - from }),
    };
}

/** Takes the newest heads until the page is full, newest first, and moves the cursor past what was taken. */
function takeNewest(
  sources: readonly IterableIterator<Entry>[],
  cursor: Cursor,
): { readonly items: AgentLogItem[]; readonly hasMore: boolean } {
  const items: AgentLogItem[] = [];
  const heads = sources.map((source) => source.next());
  let chars = 0;
  try {
    for (;;) {
      const newest = indexOfNewest(heads);
      const head = heads[newest];
      if (!head || head.done) return { items, hasMore: false };
      if (items.length >= PAGE_ENTRIES || chars > PAGE_CHARS) return { items, hasMore: true };
      items.push(...head.value.items);
      for (const item of head.value.items) chars += charsOf(item);
      head.value.pass(cursor);
      heads[newest] = sources[newest]!.next();
    }
  } finally {
    for (const source of sources) source.return?.();
  }
}

function indexOfNewest(heads: readonly IteratorResult<Entry>[]): number {
  let newest = -1;
  for (const [index, head] of heads.entries()) {
    if (head.done) continue;
    const best = heads[newest];
    if (!best || best.done || isAfter(head.value.order, best.value.order)) newest = index;
  }
  return newest;
}

function isAfter(one: Entry['order'], other: Entry['order']): boolean {
  const [atMs, turn, rank] = one;
  if (atMs !== other[0]) return atMs > other[0];
  return turn === other[1] ? rank > other[2] : turn > other[1];
}

function charsOf(item: AgentLogItem): number {
  if (item.kind === 'toolCall') return item.arguments.text.length + (item.output?.text.length ?? 0);
  return item.kind === 'turn' || item.kind === 'answer' ? item.text.text.length : 0;
}

function formatCursor(cursor: Cursor): string {
  return CURSOR_KEYS.map((key) => cursor[key].toString(36)).join('.');
}

function parseCursor(text: string): Cursor {
  const parts = text.split('.');
  const isOne = parts.length === CURSOR_KEYS.length && parts.every((part) => /^[0-9a-z]{1,9}$/.test(part));
  if (!isOne) throw new AppError('INPUT_INVALID', 'This is no place in a log; take the one that the log has named.');
  const cursor = { ...NEWEST };
  for (const [at, key] of CURSOR_KEYS.entries()) cursor[key] = Number.parseInt(parts[at]!, 36);
  return cursor;
}
