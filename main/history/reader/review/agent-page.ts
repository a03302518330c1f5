import type { StopReason } from '../../../../shared/model/conversation.ts';
import { isFinalAgentState, type AgentKind, type AgentState } from '../../../../shared/model/states.ts';
import { agentNames, agentRows } from '../../../../shared/table/agent-tables.ts';
import { encodeTable, type TableInput } from '../../../../shared/table/encode-table.ts';
import type { Connection } from '../../store/database.ts';
import { findRunRow } from '../run-queries.ts';
import { toStopText } from './log-items.ts';
import { findMadeWith, runOutline, type RunOutline } from './run-outline.ts';

/** Agents of a page at most. */
const PAGE_AGENTS = 2_500;

/** Turns and calls that a page sums up, at about 1.5 microseconds each; it ends with the agent that passes this. */
const PAGE_ROWS = 20_000;

/** Characters of `detail` in a row. */
const MAX_DETAIL_CHARS = 120;

/** What a page of a run's agents is asked for. */
export interface AgentPageRequest {
  readonly runId: string;
  /** The `next` of the page before. */
  readonly after?: number;
}

/** Agents in the order of the fleet file, as the tables `agentNames` and `agentRows`. */
export interface AgentPage {
  readonly names: Uint8Array<ArrayBuffer>;
  readonly rows: Uint8Array<ArrayBuffer>;
  /** Goes on after it; absent at the end. */
  readonly next?: number;
}

interface SessionRow {
  readonly agent: number;
  readonly name: string;
  readonly kind: AgentKind;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly stop: string | null;
  readonly changedAtMs: number;
  readonly elapsedMs: number;
  readonly answer: string | null;
}

interface TurnSums {
  readonly count: number;
  readonly turns: number;
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly unpriced: number;
  readonly startedAtMs: number | null;
  readonly startedAgainAtMs: number | null;
  readonly model: string | null;
}

interface CallSums {
  readonly toolCalls: number;
  readonly failed: number;
  readonly open: number;
}

/** A page of a run's agents, each with the sums of its turns and calls, which are found by their agent's index. */
export function agentPage(
  connection: Connection | undefined,
  { runId, after }: AgentPageRequest,
): AgentPage | undefined {
  const run = connection && findRunRow(connection, runId);
  if (!connection || run === undefined) return undefined;
  const statements = prepare(connection);
  const lifeFromMs = lastLifeOf(connection, run);
  const page: Agent[] = [];
  let rows = 0;
  let hasMore = false;
  for (const session of statements.sessions.iterate(run, after ?? -1) as IterableIterator<SessionRow>) {
    if (page.length === PAGE_AGENTS || rows > PAGE_ROWS) {
      hasMore = true;
      break;
    }
    const key = { run, agent: session.agent };
    const turns = statements.turns.get({ ...key, lifeFromMs }) as TurnSums;
    const calls = statements.calls.get(key) as CallSums;
    rows += turns.count + calls.toolCalls + calls.open;
    page.push({ session, turns, calls });
  }
  // One that never asked a model is named after what its fleet says of it; the file is read only for such.
  const isAllAsked = page.every(({ turns }) => turns.model !== null);
  return {
    ...encode(page, isAllAsked ? undefined : runOutline(connection, runId)),
    ...(hasMore && { next: page.at(-1)!.session.agent }),
  };
}

/**
 * Since when the run goes on that goes on last, 0 when it never was resumed: the last time it began to run after anything
 * but a pause. A crash leaves no such change behind, so two beginnings in a row are two lives.
 */
function lastLifeOf(connection: Connection, run: number): number {
  const changes = connection
    .prepare('SELECT state, at_ms AS atMs FROM events WHERE run = ? AND agent IS NULL ORDER BY id DESC LIMIT 100')
    .all(run) as { state: string; atMs: number }[];
  const begin = changes.findIndex(({ state }, at) => state === 'running' && changes[at + 1]?.state !== 'paused');
  const isFirst = !changes.slice(begin + 1).some(({ state }) => state === 'running');
  return begin < 0 || isFirst ? 0 : changes[begin]!.atMs;
}

interface Agent {
  readonly session: SessionRow;
  readonly turns: TurnSums;
  readonly calls: CallSums;
}

function encode(page: readonly Agent[], outline: RunOutline | undefined): Pick<AgentPage, 'names' | 'rows'> {
  const names: TableInput<typeof agentNames.columns> = {
    agent: page.map(({ session }) => session.agent),
    kind: page.map(({ session }) => session.kind),
    name: page.map(({ session }) => session.name),
    model: page.map(({ session, turns }) => turns.model ?? (outline && findMadeWith(outline, session.name)) ?? ''),
  };
  const starts = page.map(startOf);
  const rows: TableInput<typeof agentRows.columns> = {
    agent: names.agent,
    state: page.map(({ session }) => session.state),
    sinceMs: page.map(({ session }) => session.changedAtMs),
    startedAtMs: starts.map(({ startedAtMs }) => startedAtMs),
    endedAtMs: page.map(({ session }) => (isFinalAgentState(session.state) ? session.changedAtMs : 0)),
    untilMs: page.map(() => 0),
    busyMs: starts.map(({ busyMs }) => busyMs),
    turns: page.map(({ turns }) => turns.turns),
    toolCalls: page.map(({ calls }) => calls.toolCalls),
    toolCallsFailed: page.map(({ calls }) => calls.failed),
    retries: page.map(({ turns }) => turns.retries),
    inputTokens: page.map(({ turns }) => turns.inputTokens),
    outputTokens: page.map(({ turns }) => turns.outputTokens),
    costUsd: page.map(({ turns }) => (turns.unpriced > 0 ? Number.NaN : turns.costUsd)),
    wish: page.map(() => 'none'),
    detail: page.map(({ session }) => detailOf(session)),
  };
  return { names: encodeTable(agentNames, page.length, names), rows: encodeTable(agentRows, page.length, rows) };
}

/** When it began to work in the life of the program in which it worked last, and what it had worked before. */
function startOf({ session, turns }: Agent): { readonly startedAtMs: number; readonly busyMs: number } {
  const { changedAtMs, elapsedMs } = session;
  // A program has no turns: its start is as long ago as it worked.
  if (turns.startedAtMs === null) return { startedAtMs: elapsedMs > 0 ? changedAtMs - elapsedMs : 0, busyMs: 0 };
  if (turns.startedAgainAtMs === null || turns.startedAgainAtMs === turns.startedAtMs)
    return { startedAtMs: turns.startedAtMs, busyMs: 0 };
  const lastMs = changedAtMs - turns.startedAgainAtMs;
  return { startedAtMs: turns.startedAgainAtMs, busyMs: Math.max(0, elapsedMs - lastMs) };
}

/** Why it failed or which limit it met; else the beginning of what it answered, or why it waits. */
function detailOf({ stop, reason, answer }: SessionRow): string {
  const why = toStopText(stop === null ? undefined : (JSON.parse(stop) as StopReason));
  const text = why ?? (answer === null || answer === '' ? (reason ?? '') : answer.trimStart().replaceAll(/\s+/g, ' '));
  return text.length > MAX_DETAIL_CHARS ? `${text.slice(0, MAX_DETAIL_CHARS - 1)}…` : text;
}

function prepare(connection: Connection) {
  return {
    // Of an answer no more is read than white space may leave of a detail.
    sessions: connection.prepare(`
      SELECT sessions.agent, name, kind, state, reason, stop, changed_at_ms AS changedAtMs, elapsed_ms AS elapsedMs,
        substr(answer, 1, ${4 * MAX_DETAIL_CHARS}) AS answer
      FROM sessions LEFT JOIN answers ON answers.id = answer_id
      WHERE sessions.run = ? AND sessions.agent > ? ORDER BY sessions.agent LIMIT ${PAGE_AGENTS + 1}`),
    turns: connection.prepare(`
      SELECT count(*) AS count, coalesce(sum(state = 'done'), 0) AS turns,
        coalesce(sum(attempt > 1 AND state <> 'asking'), 0) AS retries,
        coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
        coalesce(sum(cost_usd), 0) AS costUsd, coalesce(sum(state = 'done' AND cost_usd IS NULL), 0) AS unpriced,
        min(started_at_ms) AS startedAtMs, model,
        min(CASE WHEN started_at_ms >= :lifeFromMs THEN started_at_ms END) AS startedAgainAtMs
      FROM turns WHERE run = :run AND agent = :agent`),
    calls: connection.prepare(`
      SELECT coalesce(sum(state NOT IN ('running', 'unknown')), 0) AS toolCalls,
        coalesce(sum(state NOT IN ('running', 'unknown', 'done')), 0) AS failed,
        coalesce(sum(state IN ('running', 'unknown')), 0) AS open
      FROM tool_calls WHERE run = :run AND agent = :agent`),
  };
}
