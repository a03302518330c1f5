import type {
  AgentAdded,
  AgentChanged,
  MetricFrame,
  Notice,
  RunChanged,
  RunLaunched,
  ToolCallFinished,
  ToolCallStarted,
  TurnFinished,
  TurnStarted,
} from '../../../shared/events/runtime-event.ts';
import type { SettingChange } from '../../../shared/contract/settings.ts';
import type { SettingValue } from '../../../shared/settings/define-setting.ts';
import { TOOL_CALL_STATES, TURN_STATES } from '../../../shared/model/states.ts';

/** A setting that changed, and every setting's value from then on where it is known. It is no event of the runtime. */
export interface SettingChanged {
  readonly type: 'setting.changed';
  readonly change: SettingChange;
  readonly settings: Readonly<Record<string, SettingValue>> | undefined;
}

/** Facts of which there are few; they cross as they are. */
export type RareEvent = RunLaunched | RunChanged | AgentAdded | AgentChanged | MetricFrame | Notice | SettingChanged;
export type CallEvent = ToolCallStarted | ToolCallFinished;
export type TurnEvent = TurnStarted | TurnFinished;

/**
 * Records on their way to the writer's thread.
 *
 * Tool calls and turns cross as one array of numbers and one string: cloning that costs a copy of memory, where cloning
 * an object a row costs more than writing the row.
 */
export interface RecordBatch {
  readonly sequence: number;
  readonly recordCount: number;
  readonly rare: readonly RareEvent[];
  /** Run ids, tools, providers and models of the batch, which rows name by position. */
  readonly names: readonly string[];
  readonly callCount: number;
  readonly turnCount: number;
  /** `CALL_FIELDS` a call, then `TURN_FIELDS` a turn; NaN is absent. */
  readonly numbers: Float64Array;
  /** Lengths in UTF-16 units of the pieces of `text`, in the order in which rows read them. */
  readonly lengths: Uint32Array;
  readonly text: string;
}

/** Number of numeric fields of a call and of a turn. */
export const CALL_FIELDS = 12;
export const TURN_FIELDS = 19;

const CALL_STATE = new Map(TOOL_CALL_STATES.map((state, index) => [state, index]));
const TURN_STATE = new Map(TURN_STATES.map((state, index) => [state, index]));

/** A pending call or turn: its event, and the reference that a later record of the same subject completes. */
export interface Pending<Event> {
  event: Event;
  /** 0: written once, complete. Negative: completes the open row of that reference. Positive: opens it. */
  reference: number;
}

/** What a batch is made from. */
export interface BatchContent {
  readonly sequence: number;
  readonly rare: readonly RareEvent[];
  readonly calls: readonly Pending<CallEvent>[];
  readonly turns: readonly Pending<TurnEvent>[];
  /** Bytes (UTF-8) kept of each text. */
  readonly maxTextBytes: number;
}

/** Packs a batch for the thread. */
export function packBatch(content: BatchContent): RecordBatch {
  const { calls, turns, rare, sequence } = content;
  const packing = createPacking(calls.length * CALL_FIELDS + turns.length * TURN_FIELDS, content.maxTextBytes);
  for (const pending of calls) packCall(packing, pending);
  for (const pending of turns) packTurn(packing, pending);
  const { numbers, names, parts } = packing;
  const lengths = new Uint32Array(parts.length);
  for (let index = 0; index < parts.length; index++) lengths[index] = parts[index]!.length;
  return {
    sequence,
    recordCount: rare.length + calls.length + turns.length,
    rare,
    names: [...names.keys()],
    callCount: calls.length,
    turnCount: turns.length,
    numbers,
    lengths,
    text: parts.join(''),
  };
}

interface Packing {
  readonly numbers: Float64Array;
  at: number;
  readonly names: Map<string, number>;
  readonly parts: string[];
  readonly maxTextBytes: number;
}

function createPacking(fieldCount: number, maxTextBytes: number): Packing {
  return { numbers: new Float64Array(fieldCount), at: 0, names: new Map(), parts: [], maxTextBytes };
}

function nameOf(names: Map<string, number>, name: string): number {
  let index = names.get(name);
  if (index === undefined) names.set(name, (index = names.size));
  return index;
}

function capped({ maxTextBytes }: Packing, text: string): string {
  // No UTF-16 unit takes more than 3 bytes: most texts are decided without being measured.
  if (text.length * 3 <= maxTextBytes) return text;
  const bytes = Buffer.byteLength(text);
  return bytes <= maxTextBytes ? text : cutText(text, bytes, maxTextBytes);
}

function cutText(text: string, bytes: number, maxBytes: number): string {
  const start = Buffer.from(text.slice(0, maxBytes))
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD$/, '');
  return `${start}\n[cut: ${bytes} bytes in all]`;
}

function packCall(packing: Packing, { event, reference }: Pending<CallEvent>): void {
  const { numbers, names, parts } = packing;
  const finished = event.type === 'toolCall.finished' ? event : undefined;
  let at = packing.at;
  numbers[at++] = reference;
  numbers[at++] = nameOf(names, event.runId);
  numbers[at++] = event.agent;
  numbers[at++] = event.turn;
  numbers[at++] = event.call;
  numbers[at++] = CALL_STATE.get(finished?.state ?? 'running')!;
  numbers[at++] = nameOf(names, event.tool);
  numbers[at++] = finished?.startedAtMs ?? event.atMs;
  numbers[at++] = finished?.waitMs ?? Number.NaN;
  numbers[at++] = finished?.ms ?? Number.NaN;
  numbers[at++] = finished?.outputBytes ?? Number.NaN;
  numbers[at++] = finished?.cached ? 1 : 0;
  packing.at = at;
  parts.push(event.providerCallId, capped(packing, event.argumentsJson));
  if (finished === undefined) parts.push('', '');
  else parts.push(capped(packing, finished.output), finished.error === undefined ? '' : JSON.stringify(finished.error));
}

function packTurn(packing: Packing, { event, reference }: Pending<TurnEvent>): void {
  const { numbers, names, parts } = packing;
  const finished = event.type === 'turn.finished' ? event : undefined;
  const usage = finished?.usage;
  let at = packing.at;
  numbers[at++] = reference;
  numbers[at++] = nameOf(names, event.runId);
  numbers[at++] = event.agent;
  numbers[at++] = event.turn;
  numbers[at++] = event.attempt;
  numbers[at++] = TURN_STATE.get(finished?.state ?? 'asking')!;
  numbers[at++] = nameOf(names, event.provider);
  numbers[at++] = nameOf(names, event.model);
  numbers[at++] = finished?.startedAtMs ?? event.atMs;
  numbers[at++] = finished?.waitMs ?? Number.NaN;
  numbers[at++] = finished?.firstTokenMs ?? Number.NaN;
  numbers[at++] = finished?.ms ?? Number.NaN;
  numbers[at++] = usage?.inputTokens ?? Number.NaN;
  numbers[at++] = usage?.outputTokens ?? Number.NaN;
  numbers[at++] = usage?.cachedInputTokens ?? Number.NaN;
  numbers[at++] = usage?.cacheWriteInputTokens ?? Number.NaN;
  numbers[at++] = finished?.costUsd ?? Number.NaN;
  numbers[at++] = finished?.toolCalls.length ?? 0;
  numbers[at++] = finished?.cached ? 1 : 0;
  packing.at = at;
  parts.push(finished?.text ?? '', finished?.error === undefined ? '' : JSON.stringify(finished.error));
  for (const call of finished?.toolCalls ?? []) parts.push(call.providerCallId, call.tool, call.argumentsJson);
}
