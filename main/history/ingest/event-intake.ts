import type { AgentChanged, RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { AgentState } from '../../../shared/model/states.ts';
import type { CallEvent, Pending, RareEvent, RecordBatch, SettingChanged, TurnEvent } from './record-batch.ts';
import { packBatch } from './record-batch.ts';

/** States an agent passes through many times; what they say stands in its turns and calls too. */
const PASSING: ReadonlySet<AgentState> = new Set(['asking', 'running tools']);

/** An agent's calls and turns are numbered below this, so that agent and number fit one key exactly. */
const KEY_STEP = 2 ** 32;

/** While the writer is behind, one of this many low-value records is kept. */
const SAMPLE_EVERY = 10;

/** Calls and turns of one run that have begun and not ended, and passing states that are not on their way yet. */
interface OpenRun {
  readonly calls: Map<number, Pending<CallEvent>>;
  readonly turns: Map<number, Pending<TurnEvent>>;
  readonly passing: Map<number, number>;
}

/**
 * Gathers events into batches.
 *
 * A call or turn that begins and ends within a batch is one record; one that ends later completes the row that its
 * beginning opened. Of an agent's passing states a batch holds the last.
 */
export class EventIntake {
  sampledOut = 0;
  /** UTF-16 units of text gathered, at most. */
  textLength = 0;
  #rare: RareEvent[] = [];
  #calls: Pending<CallEvent>[] = [];
  #turns: Pending<TurnEvent>[] = [];
  readonly #runs = new Map<string, OpenRun>();
  readonly #maxTextBytes: number;
  #lastRunId = '';
  #lastRun: OpenRun | undefined;
  #references = 0;
  #sequence = 0;
  #lowValue = 0;

  constructor(maxTextBytes: number) {
    this.#maxTextBytes = maxTextBytes;
  }

  get size(): number {
    return this.#rare.length + this.#calls.length + this.#turns.length;
  }

  /** @param isBehind Whether low-value records are to be sampled. */
  add(event: RuntimeEvent | SettingChanged, isBehind: boolean): void {
    this.textLength += textLengthOf(event, this.#maxTextBytes);
    switch (event.type) {
      case 'toolCall.started':
        return this.#begin(this.#calls, this.#runOf(event.runId).calls, event.agent * KEY_STEP + event.call, event);
      case 'toolCall.finished':
        return this.#end(this.#calls, this.#runOf(event.runId).calls, event.agent * KEY_STEP + event.call, event);
      case 'turn.started':
        return this.#begin(this.#turns, this.#runOf(event.runId).turns, event.agent * KEY_STEP + event.turn, event);
      case 'turn.finished':
        return this.#end(this.#turns, this.#runOf(event.runId).turns, event.agent * KEY_STEP + event.turn, event);
      case 'agent.changed':
        return PASSING.has(event.state) ? this.#pass(event, isBehind) : this.#settle(event);
      case 'metric.frame':
        if (isBehind && this.#isSampledOut()) return;
        break;
      case 'run.changed':
        if (event.state === 'done' || event.state === 'failed' || event.state === 'stopped') this.#forget(event.runId);
        break;
    }
    this.#rare.push(event);
  }

  /** Takes everything gathered so far; `undefined` when there is nothing. */
  take(): RecordBatch | undefined {
    if (this.size === 0) return undefined;
    for (const list of [this.#calls, this.#turns])
      for (const pending of list)
        if (
          pending.reference === 0 &&
          (pending.event.type === 'toolCall.started' || pending.event.type === 'turn.started')
        )
          pending.reference = ++this.#references;
    const batch = packBatch({
      sequence: ++this.#sequence,
      rare: this.#rare,
      calls: this.#calls,
      turns: this.#turns,
      maxTextBytes: this.#maxTextBytes,
    });
    this.#rare = [];
    this.#calls = [];
    this.#turns = [];
    this.textLength = 0;
    for (const run of this.#runs.values()) run.passing.clear();
    return batch;
  }

  #runOf(runId: string): OpenRun {
    if (runId === this.#lastRunId && this.#lastRun) return this.#lastRun;
    let run = this.#runs.get(runId);
    if (!run) this.#runs.set(runId, (run = { calls: new Map(), turns: new Map(), passing: new Map() }));
    this.#lastRunId = runId;
    this.#lastRun = run;
    return run;
  }

  #begin<Event>(list: Pending<Event>[], open: Map<number, Pending<Event>>, key: number, event: Event): void {
    const pending = { event, reference: 0 };
    open.set(key, pending);
    list.push(pending);
  }

  #end<Event>(list: Pending<Event>[], open: Map<number, Pending<Event>>, key: number, event: Event): void {
    const pending = open.get(key);
    if (pending !== undefined) open.delete(key);
    if (pending?.reference === 0) pending.event = event;
    else list.push({ event, reference: pending === undefined ? 0 : -pending.reference });
  }

  #pass(event: AgentChanged, isBehind: boolean): void {
    const { passing } = this.#runOf(event.runId);
    const at = passing.get(event.agent);
    if (at !== undefined) this.#rare[at] = event;
    else if (!isBehind || !this.#isSampledOut()) passing.set(event.agent, this.#rare.push(event) - 1);
  }

  /** What comes after a state that is kept must not be put in its predecessor's place. */
  #settle(event: AgentChanged): void {
    this.#runOf(event.runId).passing.delete(event.agent);
    this.#rare.push(event);
  }

  #isSampledOut(): boolean {
    if (this.#lowValue++ % SAMPLE_EVERY === 0) return false;
    this.sampledOut++;
    return true;
  }

  #forget(runId: string): void {
    this.#runs.delete(runId);
    if (this.#lastRunId === runId) this.#lastRun = undefined;
  }
}

/** The long texts of an event, as they will be kept at most; a call's arguments count at its beginning and at its end. */
function textLengthOf(event: RuntimeEvent | SettingChanged, maxLength: number): number {
  switch (event.type) {
    case 'toolCall.started':
      return Math.min(event.argumentsJson.length, maxLength);
    case 'toolCall.finished':
      return Math.min(event.argumentsJson.length, maxLength) + Math.min(event.output.length, maxLength);
    case 'turn.finished':
      return event.toolCalls.reduce((sum, { argumentsJson }) => sum + argumentsJson.length, event.text.length);
    case 'agent.added':
      return event.system.length + event.prompt.length;
    case 'agent.changed':
      return event.answer?.length ?? 0;
    case 'run.launched':
      return event.fleetText.length;
    default:
      return 0;
  }
}
