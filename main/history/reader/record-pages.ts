import type { ErrorData } from '../../../shared/errors/app-error.ts';
import type { RequestedCall, StopReason } from '../../../shared/model/conversation.ts';
import type { AgentKind, AgentState, ToolCallState, TurnState } from '../../../shared/model/states.ts';
import type { SessionRecord, ToolCallRecord, TurnRecord } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { findRunRow, present } from './run-queries.ts';

/** Part of a sequence of rows; `next` goes on after it and is absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: number;
}

/** What a page of a run's rows is asked for. */
export interface PageRequest {
  readonly runId: string;
  readonly agent?: number;
  /** The `next` of the page before. */
  readonly after?: number;
}

const PAGE_ROWS = 500;

/** A page ends early at this much text, so that large outputs do not make large pages. */
const PAGE_TEXT_LENGTH = 2 * 2 ** 20;

type Row<Key extends string = never> = { readonly id: number; readonly agent: number } & Readonly<Record<Key, unknown>>;

/** Reads rows until the page is full; the statement is over before this returns, so that no reader pins the log. */
function readPage<Input extends { readonly id: number }, Item>(
  rows: IterableIterator<unknown>,
  toItem: (row: Input) => Item,
  textLength: (row: Input) => number,
): Page<Item> {
  const items: Item[] = [];
  let length = 0;
  for (const row of rows as IterableIterator<Input>) {
    items.push(toItem(row));
    length += textLength(row);
    if (items.length === PAGE_ROWS || length > PAGE_TEXT_LENGTH) return { items, next: row.id };
  }
  return { items };
}

interface SessionRow extends Row {
  readonly name: string;
  readonly kind: AgentKind;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly stop: string | null;
  readonly added_at_ms: number;
  readonly changed_at_ms: number;
  readonly system: string | null;
  readonly prompt: string | null;
  readonly answer: string | null;
}

/** Agents in the order of the fleet file; `next` is an agent's number. */
export function sessionPage(connection: Connection | undefined, { runId, after }: PageRequest): Page<SessionRecord> {
  const run = connection && findRunRow(connection, runId);
  if (!connection || run === undefined) return { items: [] };
  const rows = connection
    .prepare(
      `SELECT sessions.agent AS id, sessions.agent, name, kind, state, reason, stop, added_at_ms, changed_at_ms, system,
         prompt, answer
       FROM sessions LEFT JOIN prompts USING (id) LEFT JOIN answers ON answers.id = answer_id
       WHERE sessions.run = ? AND sessions.agent > ? ORDER BY sessions.agent`,
    )
    .iterate(run, after ?? -1);
  const toItem = (row: SessionRow): SessionRecord => ({
    runId,
    agent: row.agent,
    name: row.name,
    kind: row.kind,
    state: row.state,
    ...present('reason', row.reason),
    ...present('stop', row.stop === null ? null : (JSON.parse(row.stop) as StopReason)),
    addedAtMs: row.added_at_ms,
    changedAtMs: row.changed_at_ms,
    system: row.system ?? '',
    prompt: row.prompt ?? '',
    answer: row.answer ?? '',
  });
  return readPage(rows, toItem, sessionLength);
}

function sessionLength(row: SessionRow): number {
  return (row.system?.length ?? 0) + (row.prompt?.length ?? 0) + (row.answer?.length ?? 0);
}

/** A row of `turns`. */
export interface TurnRow extends Row {
  readonly turn: number;
  readonly attempt: number;
  readonly state: TurnState;
  readonly provider: string;
  readonly model: string;
  readonly started_at_ms: number;
  readonly wait_ms: number | null;
  readonly first_token_ms: number | null;
  readonly ms: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_input_tokens: number | null;
  readonly cost_usd: number | null;
  readonly text: string;
  readonly tool_calls: string | null;
  readonly error: string | null;
  readonly cached: 1 | null;
}

/** Turns in the order in which they began. */
export function turnPage(connection: Connection | undefined, request: PageRequest): Page<TurnRecord> {
  const rows = connection && rowsOf(connection, 'turns', request);
  return rows ? readPage(rows, (row: TurnRow) => toTurn(request.runId, row), turnLength) : { items: [] };
}

function turnLength(row: TurnRow): number {
  return row.text.length + (row.tool_calls?.length ?? 0);
}

/** The record of a row. */
export function toTurn(runId: string, row: TurnRow): TurnRecord {
  return {
    runId,
    agent: row.agent,
    turn: row.turn,
    attempt: row.attempt,
    state: row.state,
    provider: row.provider,
    model: row.model,
    startedAtMs: row.started_at_ms,
    ...present('waitMs', row.wait_ms),
    ...present('firstTokenMs', row.first_token_ms),
    ...present('ms', row.ms),
    ...present('inputTokens', row.input_tokens),
    ...present('outputTokens', row.output_tokens),
    ...present('cachedInputTokens', row.cached_input_tokens),
    ...present('cacheWriteInputTokens', row.cache_write_input_tokens),
    ...present('costUsd', row.cost_usd),
    text: row.text,
    toolCalls: row.tool_calls === null ? [] : (JSON.parse(row.tool_calls) as RequestedCall[]),
    ...present('error', row.error === null ? null : (JSON.parse(row.error) as ErrorData)),
    ...(row.cached === 1 ? { cached: true } : {}),
  };
}

/** A row of `tool_calls`. */
export interface CallRow extends Row {
  readonly turn: number;
  readonly call: number;
  readonly state: ToolCallState;
  readonly tool: string;
  readonly provider_call_id: string;
  readonly started_at_ms: number;
  readonly wait_ms: number | null;
  readonly ms: number | null;
  readonly output_bytes: number | null;
  readonly arguments: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cached: 1 | null;
}

/** The columns of a row of `turns` or `tool_calls` and whether it was answered from the cache. */
export const ROW_AND_CACHED = '*, (SELECT 1 FROM cached_answers WHERE cached_answers.id = rows.id) AS cached';

/** Tool calls in the order in which they began. */
export function callPage(connection: Connection | undefined, request: PageRequest): Page<ToolCallRecord> {
  const rows = connection && rowsOf(connection, 'tool_calls', request);
  return rows ? readPage(rows, (row: CallRow) => toCall(request.runId, row), callLength) : { items: [] };
}

function callLength(row: CallRow): number {
  return row.arguments.length + (row.output?.length ?? 0);
}

/** The record of a row. */
export function toCall(runId: string, row: CallRow): ToolCallRecord {
  return {
    runId,
    agent: row.agent,
    turn: row.turn,
    call: row.call,
    tool: row.tool,
    state: row.state,
    providerCallId: row.provider_call_id,
    startedAtMs: row.started_at_ms,
    ...present('waitMs', row.wait_ms),
    ...present('ms', row.ms),
    arguments: row.arguments,
    ...present('output', row.output),
    ...present('outputBytes', row.output_bytes),
    ...present('error', row.error === null ? null : (JSON.parse(row.error) as ErrorData)),
    ...(row.cached === 1 ? { cached: true } : {}),
  };
}

/** Rows of a run after an id: all of them by their place in the table, an agent's by its index. */
function rowsOf(
  connection: Connection,
  table: 'turns' | 'tool_calls',
  { runId, agent, after }: PageRequest,
): IterableIterator<unknown> | undefined {
  const run = findRunRow(connection, runId);
  if (run === undefined) return undefined;
  const from = after ?? run * 2 ** 31;
  if (agent === undefined)
    return connection
      .prepare(`SELECT ${ROW_AND_CACHED} FROM ${table} AS rows WHERE id > ? AND id < ? ORDER BY id LIMIT ${PAGE_ROWS}`)
      .iterate(from, (run + 1) * 2 ** 31);
  return connection
    .prepare(
      `SELECT ${ROW_AND_CACHED} FROM ${table} AS rows WHERE run = ? AND agent = ? AND id > ? ORDER BY id LIMIT ${PAGE_ROWS}`,
    )
    .iterate(run, agent, from);
}
