import { toCacheKey } from '../cache/named/cache-key.ts';
import type { ModelReply, ModelRequest } from '../providers/provider.ts';
import { untilAborted } from '../time/until-aborted.ts';
import type { AgentCaches, AgentContext } from './agent-context.ts';
import { askTurn, type TurnSubject } from './ask-turn.ts';

type Answers = NonNullable<AgentCaches['answers']>;

/** What a turn used that the provider was not asked for. */
const NOTHING_USED = { inputTokens: 0, outputTokens: 0 } as const;

/**
 * The answer of one turn: from the cache when the fleet wants that, the temperature is 0 and the very same request was answered
 * before, else by asking. Equal requests that come at the same time are asked once.
 *
 * A turn that is answered from the cache is recorded as one, with no use and no cost; its reply has the use of the first time,
 * which says how large the request is.
 *
 * @throws {AppError} what `askTurn` throws.
 */
export async function answerTurn(
  context: AgentContext,
  subject: TurnSubject,
  request: ModelRequest,
): Promise<ModelReply> {
  const ask = async (): Promise<ModelReply> => (await askTurn(context, subject, request)).reply;
  const answers = context.caches?.answers;
  if (answers === undefined || request.temperature !== 0 || !answers.cache.isEnabled) return await ask();
  const key = toRequestKey(answers, context, subject, request);
  const askedAtMs = context.clock.nowMs();
  const askedAt = context.clock.monoMs();
  const wasLoading = answers.cache.isLoading(key);
  let asked: Promise<ModelReply> | undefined;
  const loading = answers.cache.load(key, async () => {
    asked = ask();
    // What another request comes to is not this one's failure: whoever waited asks by itself then.
    const reply = await asked.catch(() => undefined);
    return reply?.finish === 'refused' ? undefined : reply;
  });
  const kept = wasLoading ? await untilAborted(loading, subject.signal) : await loading;
  if (asked !== undefined) return await asked;
  if (kept === undefined) return await ask();
  if (wasLoading) answers.cache.countShared();
  const waitMs = context.clock.monoMs() - askedAt;
  recordKeptTurn(context, subject, { model: request.model, reply: kept, startedAtMs: askedAtMs, waitMs });
  return kept;
}

/** Everything that the answer depends on: whom is asked, and every word of the request. */
function toRequestKey(
  { scope }: Answers,
  context: AgentContext,
  { bound }: TurnSubject,
  { model, system, messages, tools, temperature, maxOutputTokens }: ModelRequest,
): string {
  const { name } = bound.provider;
  // Two fleets may give one name to different addresses.
  const definition = context.plan.providers[name] ?? null;
  return toCacheKey(scope, [name, definition, model, system, messages, tools, temperature, maxOutputTokens ?? null]);
}

interface KeptTurn {
  readonly model: string;
  readonly reply: ModelReply;
  readonly startedAtMs: number;
  /** How long it waited for the answer to another request. */
  readonly waitMs: number;
}

function recordKeptTurn(context: AgentContext, subject: TurnSubject, kept: KeptTurn): void {
  const { sink, control, runId } = context;
  const { model, reply, startedAtMs, waitMs } = kept;
  const { agent, turn, bound } = subject;
  const common = { runId, agent, turn, attempt: 1, provider: bound.provider.name, model } as const;
  sink.emit({ type: 'turn.started', atMs: startedAtMs, ...common });
  control.spend(NOTHING_USED, 0);
  sink.emit({
    type: 'turn.finished',
    atMs: context.clock.nowMs(),
    ...common,
    state: 'done',
    startedAtMs,
    waitMs,
    ms: waitMs,
    text: reply.text,
    toolCalls: reply.toolCalls,
    usage: NOTHING_USED,
    costUsd: 0,
    cached: true,
  });
}
