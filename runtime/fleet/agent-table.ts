import type { AgentChanged, RuntimeEvent, TurnFinished } from '../../shared/events/runtime-event.ts';
import type { AgentPlan } from '../../shared/fleet/fleet-schema.ts';
import type { StopReason } from '../../shared/model/conversation.ts';
import type { AgentIndex } from '../../shared/model/ids.ts';
import type { AgentActivity } from '../../shared/model/run-summary.ts';
import { AGENT_STATES, isFinalAgentState, type AgentState } from '../../shared/model/states.ts';
import { AGENT_WISHES, agentNames, agentRows, type AgentWish } from '../../shared/table/agent-tables.ts';
import { encodeTable } from '../../shared/table/encode-table.ts';
import type { RecordedSession } from '../agent/recorded-session.ts';
import { createAgentColumns, QUEUED, type AgentColumns } from './agent-columns.ts';

/** Characters of `detail` in a row; a table has 10,000 of them. */
const MAX_ROW_DETAIL_CHARS = 120;
/** Characters of `detail` in an activity; a terminal shows few of them, in full width. */
const MAX_ACTIVITY_DETAIL_CHARS = 200;

const WAITS_FOR_SLOT = 'waits for a slot';

const NO_WISH = AGENT_WISHES.indexOf('none');
const PAUSING = AGENT_WISHES.indexOf('pausing');
const ASKING = AGENT_STATES.indexOf('asking');

const CODE_OF: ReadonlyMap<AgentState, number> = new Map(AGENT_STATES.map((state, code) => [state, code]));

/**
 * The agents of one run, a row each in plan order (row n is agent n), fed by the run's events and, at a resume, by what is
 * recorded of them.
 *
 * Taking an event in allocates nothing but the last words of an agent; texts are put together and cut when a row is encoded.
 */
export class AgentTable {
  readonly #plans: readonly AgentPlan[];
  readonly #columns: AgentColumns;
  /** Agents that have begun and not ended, in the order in which they began. */
  readonly #atWork = new Set<AgentIndex>();
  #queued: number;
  #version = 0;

  /** @param nowMs Since when they wait, wall clock. */
  constructor(plans: readonly AgentPlan[], nowMs: number) {
    this.#plans = plans;
    this.#columns = createAgentColumns(plans.length, nowMs, WAITS_FOR_SLOT);
    this.#queued = plans.length;
  }

  /** How many agents the plan has; agents are numbered from 0. */
  get size(): number {
    return this.#plans.length;
  }

  /** Raised by each change of any row; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** Agents that have begun and not ended. */
  get atWork(): number {
    return this.#atWork.size;
  }

  /** Agents that wait for their slot. */
  get queued(): number {
    return this.#queued;
  }

  stateOf(agent: AgentIndex): AgentState | undefined {
    return AGENT_STATES[this.#columns.state[agent] ?? -1];
  }

  /** The agents from `fromAgent` up to, not including, `toAgent` whose rows changed after the table had `version`, ascending. */
  changedAfter(version: number, fromAgent = 0, toAgent = this.size): number[] {
    const { changedIn } = this.#columns;
    const end = Math.min(toAgent, this.size);
    const changed: number[] = [];
    for (let agent = Math.max(0, fromAgent); agent < end; agent++) if (changedIn[agent]! > version) changed.push(agent);
    return changed;
  }

  /** Table `agentNames` of the agents from `fromAgent` up to, not including, `toAgent`. */
  encodeNames(fromAgent = 0, toAgent = this.size): Uint8Array<ArrayBuffer> {
    const plans = this.#plans.slice(fromAgent, toAgent);
    return encodeTable(agentNames, plans.length, {
      agent: plans.map(({ index }) => index),
      kind: plans.map(({ kind }) => kind),
      name: plans.map(({ name }) => name),
      model: plans.map((plan) => (plan.kind === 'model' ? plan.model : (plan.command[0] ?? ''))),
    });
  }

  /** Table `agentRows` of these agents, as they stand. */
  encodeRows(agents: readonly number[]): Uint8Array<ArrayBuffer> {
    const columns = this.#columns;
    const pick = (column: ArrayLike<number>): number[] => agents.map((agent) => column[agent]!);
    return encodeTable(agentRows, agents.length, {
      agent: agents,
      state: agents.map((agent) => AGENT_STATES[columns.state[agent]!]!),
      sinceMs: pick(columns.sinceMs),
      startedAtMs: pick(columns.startedAtMs),
      endedAtMs: pick(columns.endedAtMs),
      untilMs: pick(columns.untilMs),
      busyMs: pick(columns.busyMs),
      turns: pick(columns.turns),
      toolCalls: pick(columns.toolCalls),
      toolCallsFailed: pick(columns.toolCallsFailed),
      retries: pick(columns.retries),
      inputTokens: pick(columns.inputTokens),
      outputTokens: pick(columns.outputTokens),
      costUsd: pick(columns.costUsd),
      wish: agents.map((agent) => AGENT_WISHES[columns.wish[agent]!]!),
      detail: agents.map((agent) => this.#detailOf(agent, MAX_ROW_DETAIL_CHARS)),
    });
  }

  /** What the first `limit` agents at work do now, in the order in which they began. */
  activity(limit: number): AgentActivity[] {
    const listed: AgentActivity[] = [];
    for (const agent of this.#atWork) {
      if (listed.length === limit) break;
      const detail = this.#detailOf(agent, MAX_ACTIVITY_DETAIL_CHARS);
      listed.push({
        agent,
        name: this.#plans[agent]!.name,
        state: AGENT_STATES[this.#columns.state[agent]!]!,
        sinceMs: this.#columns.sinceMs[agent]!,
        ...(detail === '' ? {} : { detail }),
      });
    }
    return listed;
  }

  /** Takes in what is recorded of an agent. One that `runs` again now waits for its slot; any other keeps its state. */
  restore(session: RecordedSession, runs: boolean): void {
    const { agent } = session;
    const columns = this.#columns;
    columns.busyMs[agent] = session.elapsedMs;
    columns.turns[agent] = session.turns;
    columns.toolCalls[agent] = session.toolCalls;
    columns.inputTokens[agent] = session.inputTokens;
    columns.outputTokens[agent] = session.outputTokens;
    columns.costUsd[agent] = session.costUsd ?? (session.turns > 0 ? NaN : 0);
    if (!runs) {
      const isFinal = isFinalAgentState(session.state);
      const { stop = { kind: 'answered' } } = session;
      this.#enter(agent, session.state, isFinal ? toDetail(stop, session.answer) : '');
      const { sinceMs = 0 } = session;
      columns.sinceMs[agent] = sinceMs;
      columns.endedAtMs[agent] = isFinal ? sinceMs : 0;
    }
    this.#stamp(agent);
  }

  /** Takes in what an operator wants of an agent that is at work; the wish is gone when it is fulfilled, or the agent ends. */
  noteWish(agent: AgentIndex, wish: AgentWish): void {
    this.#columns.wish[agent] = AGENT_WISHES.indexOf(wish);
    this.#stamp(agent);
  }

  /** Takes in an event of the run; those that say nothing of an agent are passed over. */
  note(event: RuntimeEvent): void {
    switch (event.type) {
      case 'agent.changed':
        this.#noteState(event);
        break;
      case 'turn.finished':
        this.#noteTurn(event);
        break;
      case 'toolCall.started':
        this.#columns.doing[event.agent] = event.tool;
        this.#columns.doingTo[event.agent] = event.argumentsJson;
        this.#stamp(event.agent);
        break;
      case 'toolCall.finished':
        this.#columns.toolCalls[event.agent]! += 1;
        if (event.state !== 'done') this.#columns.toolCallsFailed[event.agent]! += 1;
        this.#stamp(event.agent);
        break;
      default:
    }
  }

  #noteState({ agent, state, atMs, reason, untilMs, stop, answer = '' }: AgentChanged): void {
    const columns = this.#columns;
    const doing = stop ? toDetail(stop, answer) : (reason ?? (state === 'queued' ? WAITS_FOR_SLOT : ''));
    this.#enter(agent, state, doing);
    columns.sinceMs[agent] = atMs;
    columns.untilMs[agent] = untilMs ?? 0;
    if (state === 'retrying') columns.retries[agent]! += 1;
    const isFinal = isFinalAgentState(state);
    if (isFinal || (state === 'paused' && columns.wish[agent] === PAUSING)) columns.wish[agent] = NO_WISH;
    columns.endedAtMs[agent] = isFinal ? atMs : 0;
    // One that is held back before its first turn has not left the queue.
    const isWaiting = state === 'queued' || state === 'paused';
    if (!isFinal && !isWaiting && columns.startedAtMs[agent] === 0) columns.startedAtMs[agent] = atMs;
    this.#stamp(agent);
  }

  #noteTurn({ agent, state, usage, costUsd }: TurnFinished): void {
    // Broken and cancelled attempts have no usage; the turn they belong to counts when it is answered.
    if (state !== 'done') return;
    const columns = this.#columns;
    columns.turns[agent]! += 1;
    columns.inputTokens[agent]! += usage?.inputTokens ?? 0;
    columns.outputTokens[agent]! += usage?.outputTokens ?? 0;
    columns.costUsd[agent]! += costUsd ?? NaN;
    this.#stamp(agent);
  }

  #enter(agent: AgentIndex, state: AgentState, doing: string): void {
    const columns = this.#columns;
    const code = CODE_OF.get(state)!;
    if (columns.state[agent] === QUEUED) this.#queued -= 1;
    if (code === QUEUED) this.#queued += 1;
    columns.state[agent] = code;
    columns.doing[agent] = doing;
    columns.doingTo[agent] = undefined;
    const hasBegun = columns.startedAtMs[agent]! > 0;
    const isIdle = code === QUEUED || isFinalAgentState(state) || (state === 'paused' && !hasBegun);
    if (isIdle) this.#atWork.delete(agent);
    else this.#atWork.add(agent);
  }

  #stamp(agent: AgentIndex): void {
    this.#columns.changedIn[agent] = ++this.#version;
  }

  #detailOf(agent: AgentIndex, maxChars: number): string {
    const doing = this.#columns.doing[agent]!;
    const to = this.#columns.doingTo[agent];
    if (doing === '' && this.#columns.state[agent] === ASKING) return `turn ${this.#columns.turns[agent]! + 1}`;
    const detail = to === undefined ? doing : `${doing} ${to.slice(0, maxChars)}`;
    return detail.length > maxChars ? `${detail.slice(0, maxChars - 1)}…` : detail;
  }
}

/** How an agent ended, for a reader who sees its state beside it. */
function toDetail(stop: StopReason, answer: string): string {
  if (stop.kind === 'failed') return stop.message;
  if (stop.kind === 'limit') return `${stop.limit}: ${stop.at}`;
  if (stop.kind === 'stopped') return `by the ${stop.by}`;
  // The beginning of the answer on one line, as a run from history shows it; not the whole, of which there may be 10,000.
  return answer
    .slice(0, 4 * MAX_ROW_DETAIL_CHARS)
    .trimStart()
    .replaceAll(/\s+/g, ' ')
    .slice(0, MAX_ROW_DETAIL_CHARS + 1);
}
