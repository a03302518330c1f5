import type { OutputTail } from '../../../../runtime/fleet/live/program-output.ts';
import type { AgentLogItem } from '../../../../shared/contract/run-schemas.ts';
import type { ErrorData } from '../../../../shared/errors/app-error.ts';
import type { StopReason } from '../../../../shared/model/conversation.ts';
import type { AgentState } from '../../../../shared/model/states.ts';
import type { ToolCallRecord, TurnRecord } from '../../history-records.ts';

/** Characters of a text that a log shows, by what it is; the rest is in history. */
const MAX_CALL_CHARS = 8_000;
const MAX_TEXT_CHARS = 20_000;

/** One item of a log by its kind. */
export type LogItem<Kind extends AgentLogItem['kind']> = Extract<AgentLogItem, { kind: Kind }>;

/** The prompt of an agent: the first entry of its log. */
export function toPromptItem(of: {
  readonly atMs: number;
  readonly system: string;
  readonly prompt: string;
}): LogItem<'prompt'> {
  return {
    kind: 'prompt',
    key: 'prompt',
    atMs: of.atMs,
    system: cut(of.system, MAX_TEXT_CHARS),
    prompt: cut(of.prompt, MAX_TEXT_CHARS),
  };
}

/** A turn as far as it is known; a later item of the same attempt has the same key. */
export function toTurnItem(turn: Omit<TurnRecord, 'runId' | 'agent'>): LogItem<'turn'> {
  const { attempt, state, provider, model, inputTokens, outputTokens, costUsd, firstTokenMs, waitMs, ms } = turn;
  return {
    kind: 'turn',
    // A turn that was cut short and asked again after a resume has the same numbers.
    key: `turn:${turn.turn}.${attempt}@${turn.startedAtMs}`,
    atMs: turn.startedAtMs,
    turn: turn.turn,
    attempt,
    state,
    provider,
    model,
    text: cut(turn.text, MAX_TEXT_CHARS),
    toolCalls: turn.toolCalls.length,
    inputTokens,
    outputTokens,
    costUsd,
    firstTokenMs,
    waitMs,
    ms,
    error: toShownError(turn.error),
    cached: turn.cached,
  };
}

/** A tool call as far as it is known. */
export function toCallItem(
  call: Omit<ToolCallRecord, 'runId' | 'agent' | 'providerCallId' | 'outputBytes'>,
): LogItem<'toolCall'> {
  const { turn, tool, state, output, waitMs, ms } = call;
  return {
    kind: 'toolCall',
    key: `call:${call.call}`,
    atMs: call.startedAtMs,
    turn,
    call: call.call,
    tool,
    state,
    arguments: cut(call.arguments, MAX_CALL_CHARS),
    output: output === undefined ? undefined : cut(output, MAX_CALL_CHARS),
    waitMs,
    ms,
    error: toShownError(call.error),
    cached: call.cached,
  };
}

/** A change of state that a log shows. */
export function toStateItem(atMs: number, state: AgentState, reason: string | undefined): LogItem<'state'> {
  return { kind: 'state', key: `state:${state}@${atMs}`, atMs, state, reason };
}

/** What an agent said at its end; one that said nothing has no such entry. */
export function toAnswerItem(atMs: number, answer: string | undefined): LogItem<'answer'> | undefined {
  if (answer === undefined || answer === '') return undefined;
  return { kind: 'answer', key: `answer@${atMs}`, atMs, text: cut(answer, MAX_TEXT_CHARS) };
}

/** What a program has printed lately, while it runs. */
export function toOutputItem({ sinceMs, text, chars }: OutputTail): LogItem<'output'> {
  return { kind: 'output', key: 'output', atMs: sinceMs, text: { text, chars } };
}

/** Something a person should see. */
export function toNoticeItem(of: {
  readonly atMs: number;
  readonly level: LogItem<'notice'>['level'];
  readonly text: string;
}): LogItem<'notice'> {
  const { atMs, level, text } = of;
  return { kind: 'notice', key: `notice:${text.slice(0, 80)}@${atMs}`, atMs, level, text };
}

/** How an agent ended, for a reader who sees its state beside it; `undefined` where the state says it all. */
export function toStopText(stop: StopReason | undefined): string | undefined {
  if (stop?.kind === 'failed') return stop.message;
  if (stop?.kind === 'limit') return `${stop.limit}: ${stop.at}`;
  return stop?.kind === 'stopped' ? `by the ${stop.by}` : undefined;
}

/** The beginning of a text, without half a character at its end, and the length of the whole. */
function cut(text: string, maxChars: number): { text: string; chars: number } {
  if (text.length <= maxChars) return { text, chars: text.length };
  const isHalf = (text.charCodeAt(maxChars - 1) & 0xfc00) === 0xd800;
  return { text: text.slice(0, isHalf ? maxChars - 1 : maxChars), chars: text.length };
}

function toShownError(error: ErrorData | undefined): { code: string; message: string } | undefined {
  return error && { code: error.code, message: error.message };
}
