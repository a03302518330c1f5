import { AGENT_KINDS, AGENT_STATES, type AgentState, isFinalAgentState } from '../../../../shared/model/states.ts';
import { AGENT_WISHES, agentNames, agentRows, type AgentWish } from '../../../../shared/table/agent-tables.ts';
import { decodeTable, isTableOf } from '../../../../shared/table/decode-table.ts';

const FIRST_CAPACITY = 1_024;
/** Name groups beyond this are one: a fleet whose members all have names of their own has no groups worth a heading. */
const MAX_NAME_GROUPS = 200;
const OTHERS = 'others';

const NUMBERS = [
  'sinceMs',
  'startedAtMs',
  'endedAtMs',
  'untilMs',
  'busyMs',
  'turns',
  'toolCalls',
  'toolCallsFailed',
  'retries',
  'inputTokens',
  'outputTokens',
  'costUsd',
] as const;

/** A number an agent has. */
export type AgentNumber = (typeof NUMBERS)[number];

const MODEL = AGENT_KINDS.indexOf('model');
const RUNNING_TOOLS = AGENT_STATES.indexOf('running tools');
const IS_FINAL = AGENT_STATES.map(isFinalAgentState);

/**
 * The agents of one run as columns; row n is agent n. Fed by the tables of `runs.agents`.
 *
 * Numbers stand in typed arrays that double as the run is larger; taking in a table makes no object for a row. An agent is
 * counted and shown when its first row is there.
 */
export class AgentsStore {
  /** Raised by each table taken in. */
  version = 0;
  /** Rows that may be looked at: highest agent with a row, plus one. */
  size = 0;
  readonly names: string[] = [];
  readonly models: string[] = [];
  readonly details: string[] = [];
  /** Names without their numbers, in the order they first came. */
  readonly groupNames: string[] = [];
  /** Agents by the code of their state. */
  readonly countByState = new Uint32Array(AGENT_STATES.length);
  state = new Uint8Array(FIRST_CAPACITY);
  /** Codes of kinds. */
  kind = new Uint8Array(FIRST_CAPACITY);
  /** Codes of what an operator wants of an agent that has not done so yet. */
  wish = new Uint8Array(FIRST_CAPACITY);
  nameGroup = new Uint32Array(FIRST_CAPACITY);
  /** The version in which the row came; 0: it has not. */
  rowVersion = new Uint32Array(FIRST_CAPACITY);
  readonly numbers = Object.fromEntries(NUMBERS.map((name) => [name, new Float64Array(FIRST_CAPACITY)])) as Record<
    AgentNumber,
    Float64Array
  >;
  readonly #groupOf = new Map<string, number>();

  /**
   * Takes in one table of the stream.
   *
   * @throws {AppError} INPUT_INVALID when it is neither `agentNames` nor `agentRows`.
   */
  take(message: Uint8Array): void {
    this.version++;
    if (isTableOf(agentNames, message)) this.#takeNames(message);
    else this.#takeRows(message);
  }

  nameOf(agent: number): string {
    return this.names[agent] ?? `agent ${agent}`;
  }

  hasRow(agent: number): boolean {
    return agent < this.size && this.rowVersion[agent] !== 0;
  }

  isFinal(agent: number): boolean {
    return IS_FINAL[this.state[agent]!] ?? false;
  }

  /** What an operator wants of the agent that it has not done yet. */
  wishOf(agent: number): AgentWish {
    return AGENT_WISHES[this.wish[agent] ?? 0] ?? 'none';
  }

  /** Whether it can be held up at all: a program that runs cannot, and one that is to end will not be. */
  canPause(agent: number): boolean {
    if (this.isFinal(agent) || this.wishOf(agent) === 'stopping') return false;
    return this.kind[agent] === MODEL || this.state[agent] !== RUNNING_TOOLS;
  }

  /**
   * Whether an agent would run again if its run, which has ended, were resumed: it was cut short, or failed before its model
   * had answered even once. The runtime's rule, said here to offer it.
   */
  hasAgentLeft(): boolean {
    const countOf = (state: AgentState): number => this.countByState[AGENT_STATES.indexOf(state)]!;
    const wholeCount = countOf('done') + countOf('limit reached') + countOf('failed');
    const count = this.countByState.reduce((sum, one) => sum + one, 0);
    if (count > wholeCount) return true;
    if (countOf('failed') === 0) return false;
    const failed = AGENT_STATES.indexOf('failed');
    return this.numbers.turns
      .subarray(0, this.size)
      .some((turns, agent) => turns === 0 && this.state[agent] === failed);
  }

  /** Time it has worked, in milliseconds, at `nowMs` for one that still does. */
  elapsedMs(agent: number, nowMs: number): number {
    const { startedAtMs, endedAtMs, busyMs } = this.numbers;
    const started = startedAtMs[agent]!;
    if (started === 0) return busyMs[agent]!;
    const end = endedAtMs[agent]! || nowMs;
    return busyMs[agent]! + Math.max(0, end - started);
  }

  #takeNames(message: Uint8Array): void {
    const { rows, columns } = decodeTable(agentNames, message);
    for (let row = 0; row < rows; row++) {
      const agent = columns.agent[row]!;
      this.#reserve(agent + 1);
      const name = columns.name.at(row);
      this.names[agent] = name;
      this.kind[agent] = columns.kind.codes[row]!;
      this.models[agent] = columns.model.at(row);
      this.nameGroup[agent] = this.#groupFor(toNameGroup(name));
    }
  }

  #takeRows(message: Uint8Array): void {
    const { rows, columns } = decodeTable(agentRows, message);
    const agents = columns.agent;
    for (let row = 0; row < rows; row++) this.#takeRow(agents[row]!, columns.state.codes[row]!, columns.detail.at(row));
    for (let row = 0; row < rows; row++) this.wish[agents[row]!] = columns.wish.codes[row]!;
    // A column after the other: both arrays of each are read and written in one sweep.
    for (const name of NUMBERS) {
      const from = columns[name];
      const to = this.numbers[name];
      for (let row = 0; row < rows; row++) to[agents[row]!] = from[row]!;
    }
  }

  #takeRow(agent: number, state: number, detail: string): void {
    this.#reserve(agent + 1);
    if (agent >= this.size) this.size = agent + 1;
    if (this.rowVersion[agent] !== 0) this.countByState[this.state[agent]!]!--;
    this.countByState[state]!++;
    this.state[agent] = state;
    this.details[agent] = detail;
    this.rowVersion[agent] = this.version;
  }

  #groupFor(name: string): number {
    const known = this.#groupOf.get(name);
    if (known !== undefined) return known;
    const isOver = this.groupNames.length >= MAX_NAME_GROUPS;
    const group = Math.min(this.groupNames.length, MAX_NAME_GROUPS);
    if (!isOver) this.#groupOf.set(name, group);
    if (this.groupNames.length === group) this.groupNames.push(isOver ? OTHERS : name);
    return group;
  }

  #reserve(count: number): void {
    if (count <= this.state.length) return;
    let capacity = this.state.length;
    while (capacity < count) capacity *= 2;
    this.state = grown(this.state, new Uint8Array(capacity));
    this.kind = grown(this.kind, new Uint8Array(capacity));
    this.wish = grown(this.wish, new Uint8Array(capacity));
    this.nameGroup = grown(this.nameGroup, new Uint32Array(capacity));
    this.rowVersion = grown(this.rowVersion, new Uint32Array(capacity));
    for (const name of NUMBERS) this.numbers[name] = grown(this.numbers[name], new Float64Array(capacity));
  }
}

/** `surveyor-017` → `surveyor`; a name without a number stands for itself. */
export function toNameGroup(name: string): string {
  const group = name.replace(/[-_ ./#]*\d+$/, '');
  return group === '' ? name : group;
}

function grown<A extends Uint8Array | Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
