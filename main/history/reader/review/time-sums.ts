import type { AgentKind, AgentState } from '../../../../shared/model/states.ts';
import type { Connection } from '../../store/database.ts';
import { findRunRow } from '../run-queries.ts';

/** Calls that a page sums up, at about two microseconds each. */
const PAGE_CALLS = 20_000;

/** The newest waits that are looked at; each asks for what came after it. */
const MAX_WAITS = 500;

/** What is asked of the times of one agent. */
export interface AgentTimesRequest {
  readonly runId: string;
  readonly agent: number;
  /** What has not ended counts until then; of an agent that is at work only. */
  readonly nowMs?: number;
}

/** What the turns and the changes of state of an agent say of its time, in milliseconds. */
export interface AgentSpans {
  readonly state: AgentState;
  readonly addedAtMs: number;
  /** Absent when it never left the queue. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** The program of an agent that is one was at work; 0 for a model agent. */
  readonly runningMs: number;
  readonly askingMs: number;
  /** Waited for a permit of the provider. */
  readonly permitMs: number;
  readonly retryMs: number;
  readonly pausedMs: number;
  /** Between an end and the next time it was run. */
  readonly awayMs: number;
}

interface SessionRow {
  readonly kind: AgentKind;
  readonly state: AgentState;
  readonly addedAtMs: number;
  readonly changedAtMs: number;
  readonly elapsedMs: number;
}

/** Where an agent's time went, without its tool calls; `undefined` when the run has no such agent. */
export function agentSpans(connection: Connection | undefined, request: AgentTimesRequest): AgentSpans | undefined {
  const run = connection && findRunRow(connection, request.runId);
  if (!connection || run === undefined) return undefined;
  const key = { run, agent: request.agent };
  const session = connection
    .prepare(
      'SELECT kind, state, added_at_ms AS addedAtMs, changed_at_ms AS changedAtMs, elapsed_ms AS elapsedMs FROM sessions WHERE run = :run AND agent = :agent',
    )
    .get(key) as SessionRow | undefined;
  if (!session) return undefined;
  const turns = connection
    .prepare(
      `SELECT min(started_at_ms) AS startedAtMs, coalesce(sum(wait_ms), 0) AS permitMs,
         coalesce(sum(coalesce(ms, max(0, :nowMs - started_at_ms), 0) - coalesce(wait_ms, 0)), 0) AS askingMs
       FROM turns WHERE run = :run AND agent = :agent`,
    )
    .get({ ...key, nowMs: request.nowMs ?? null }) as {
    startedAtMs: number | null;
    permitMs: number;
    askingMs: number;
  };
  const isFinal = request.nowMs === undefined;
  const endMs = request.nowMs ?? session.changedAtMs;
  const runningMs = session.kind === 'model' ? 0 : sumRunning(session, request.nowMs);
  // A program has no turns: its start is as long ago as it worked.
  const hasBegun = session.elapsedMs > 0 || runningMs > 0;
  const startedAtMs = turns.startedAtMs ?? (hasBegun ? session.changedAtMs - session.elapsedMs : undefined);
  return {
    state: session.state,
    addedAtMs: session.addedAtMs,
    startedAtMs,
    endedAtMs: isFinal ? session.changedAtMs : undefined,
    runningMs,
    askingMs: turns.askingMs,
    permitMs: turns.permitMs,
    ...sumWaits(connection, key, endMs),
  };
}

/** The changes of state of a program add up what it worked; since the last one it works on. */
function sumRunning({ state, changedAtMs, elapsedMs }: SessionRow, nowMs = changedAtMs): number {
  return elapsedMs + (state === 'running tools' ? Math.max(0, nowMs - changedAtMs) : 0);
}

interface WaitRow {
  readonly atMs: number;
  readonly state: AgentState;
  readonly untilMs: number | null;
}

/** A wait lasts until the agent does something again: its next turn, call or change of state. */
function sumWaits(
  connection: Connection,
  key: { readonly run: number; readonly agent: number },
  endMs: number,
): Pick<AgentSpans, 'retryMs' | 'pausedMs' | 'awayMs'> {
  const waits = connection
    .prepare(
      `SELECT at_ms AS atMs, state, until_ms AS untilMs FROM events WHERE run = :run AND agent = :agent ORDER BY id DESC LIMIT ${MAX_WAITS}`,
    )
    .all(key) as WaitRow[];
  const next = connection
    .prepare(
      `SELECT min(at) FROM (
         SELECT min(started_at_ms) AS at FROM turns WHERE run = :run AND agent = :agent AND started_at_ms >= :atMs
         UNION ALL
         SELECT min(started_at_ms) FROM tool_calls WHERE run = :run AND agent = :agent AND started_at_ms >= :atMs)`,
    )
    .pluck();
  const sums = { retryMs: 0, pausedMs: 0, awayMs: 0 };
  for (const [at, { atMs, state, untilMs }] of waits.entries()) {
    const laterMs = waits[at - 1]?.atMs ?? endMs;
    if (state === 'retrying') sums.retryMs += Math.max(0, Math.min(untilMs ?? laterMs, laterMs) - atMs);
    else {
      const resumedAtMs = next.get({ ...key, atMs }) as number | null;
      const ms = Math.max(0, Math.min(resumedAtMs ?? laterMs, laterMs) - atMs);
      if (state === 'paused') sums.pausedMs += ms;
      // The end itself is no wait; only what was run again after it has been away.
      else if (resumedAtMs !== null || at > 0) sums.awayMs += ms;
    }
  }
  return sums;
}

/** What a page of the times of an agent's calls is asked for. */
export interface CallTimesRequest extends AgentTimesRequest {
  /** The `next` of the page before. */
  readonly after?: number;
}

/** Time in tool calls, by tool. */
export interface CallTimes {
  readonly tools: readonly { readonly tool: string; readonly calls: number; readonly ms: number }[];
  /** Waited in the lanes of the tools. */
  readonly waitMs: number;
  /** Goes on after this call; absent at the end. */
  readonly next?: number;
}

interface CallRow {
  readonly turn: number;
  readonly call: number;
  readonly tool: string;
  readonly startedAtMs: number;
  readonly waitMs: number;
  readonly ms: number;
}

/**
 * Time in tool calls. Calls of one turn run side by side: the time from the first one's start to the last one's end is
 * shared among them in proportion to how long each took, and each share is split into waiting and running as the call was.
 * So the sum over all tools is time that passed, never more.
 */
export function callTimes(connection: Connection | undefined, request: CallTimesRequest): CallTimes {
  const run = connection && findRunRow(connection, request.runId);
  if (!connection || run === undefined) return { tools: [], waitMs: 0 };
  const rows = connection
    .prepare(
      `SELECT turn, call, tool, started_at_ms AS startedAtMs, coalesce(wait_ms, 0) AS waitMs,
         coalesce(ms, max(0, :nowMs - started_at_ms), 0) AS ms
       FROM tool_calls WHERE run = :run AND agent = :agent AND call > :after ORDER BY call LIMIT ${PAGE_CALLS}`,
    )
    .all({ run, agent: request.agent, after: request.after ?? -1, nowMs: request.nowMs ?? null }) as CallRow[];
  const isPart = rows.length === PAGE_CALLS;
  const lastTurn = rows.at(-1)?.turn;
  // A turn that may go on behind the page belongs to the next one, unless it fills the page.
  const whole = isPart && rows[0]!.turn !== lastTurn ? rows.filter(({ turn }) => turn !== lastTurn) : rows;
  return { ...shareTime(whole), ...(isPart && { next: whole.at(-1)!.call }) };
}

function shareTime(rows: readonly CallRow[]): Omit<CallTimes, 'next'> {
  const tools = new Map<string, { calls: number; ms: number }>();
  let waitMs = 0;
  for (const calls of Map.groupBy(rows, ({ turn }) => turn).values()) {
    const from = calls.reduce((least, { startedAtMs }) => Math.min(least, startedAtMs), Infinity);
    const to = calls.reduce((most, { startedAtMs, ms }) => Math.max(most, startedAtMs + ms), -Infinity);
    const takenMs = calls.reduce((sum, { ms }) => sum + ms, 0);
    for (const call of calls) {
      const shareMs = takenMs === 0 ? 0 : (call.ms / takenMs) * Math.min(to - from, takenMs);
      const waited = call.ms === 0 ? 0 : shareMs * Math.min(1, call.waitMs / call.ms);
      const of = tools.get(call.tool) ?? { calls: 0, ms: 0 };
      tools.set(call.tool, { calls: of.calls + 1, ms: of.ms + shareMs - waited });
      waitMs += waited;
    }
  }
  return { tools: [...tools].map(([tool, of]) => ({ tool, ...of })), waitMs };
}
