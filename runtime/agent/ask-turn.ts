import { isAppError, toAppError, type AppError } from '../../shared/errors/app-error.ts';
import type { Usage } from '../../shared/model/conversation.ts';
import { submitWhenRoom } from '../admission/submit-when-room.ts';
import type { ModelReply, ModelRequest } from '../providers/provider.ts';
import { backoffMs } from '../time/backoff.ts';
import type { AgentContext, AskSettings, BoundProvider } from './agent-context.ts';
import type { AgentStateMachine } from './agent-state.ts';

/** The turn that is asked, for events and limits. */
export interface TurnSubject {
  readonly agent: number;
  readonly turn: number;
  /** `<run id>/<agent index>`. */
  readonly owner: string;
  readonly bound: BoundProvider;
  /** Estimated tokens of the request, charged to the pace before the provider counts. */
  readonly estimatedTokens: number;
  readonly signal: AbortSignal;
  readonly state: AgentStateMachine;
}

/** A turn that succeeded. */
export interface AskedTurn {
  readonly reply: ModelReply;
  readonly costUsd: number | undefined;
}

/**
 * Asks the model for one turn, again after failures that may pass, each attempt recorded as a turn of its own.
 *
 * A stream that broke after output is asked again as a whole; what had arrived is in the broken turn's record. An attempt that
 * the provider's breaker held back counts like any other.
 *
 * @throws {AppError} what the provider last failed with, CIRCUIT_OPEN when it was never asked, or the signal's reason.
 */
export async function askTurn(context: AgentContext, subject: TurnSubject, request: ModelRequest): Promise<AskedTurn> {
  let lastFailure: AppError | undefined;
  for (let attempt = 1; ; attempt++) {
    const settings = context.askSettings();
    try {
      return await askOnce(context, subject, request, { attempt, requestTimeoutMs: settings.requestTimeoutMs });
    } catch (error) {
      if (subject.signal.aborted || !isAppError(error) || !error.retryable) throw error;
      // Why it is held back says more than that it is.
      lastFailure = error.code === 'CIRCUIT_OPEN' ? (lastFailure ?? error) : error;
      if (attempt >= settings.maxAttempts) throw lastFailure;
      await waitForRetry(context, subject, error, { attempt, settings });
    }
  }
}

async function waitForRetry(
  context: AgentContext,
  subject: TurnSubject,
  error: AppError,
  { attempt, settings }: { readonly attempt: number; readonly settings: AskSettings },
): Promise<void> {
  if (error.code === 'PROVIDER_RATE_LIMITED') holdPaces(subject, error.details.retryAfterMs ?? 0);
  const delayMs = backoffMs(attempt, settings.backoff, error.details.retryAfterMs ?? 0);
  context.control.countRetry();
  subject.state.enter('retrying', { reason: error.message, untilMs: context.clock.nowMs() + delayMs });
  await context.clock.sleep(delayMs, subject.signal);
  await context.control.checkpoint((reason) => subject.state.enter('paused', { reason }));
  subject.state.enter('asking');
}

/** A provider that said when to come back means all agents of the run, not only the one that asked. */
function holdPaces(subject: TurnSubject, retryAfterMs: number): void {
  for (const { pace } of subject.bound.passes) pace?.holdFor(retryAfterMs);
}

interface Attempt {
  readonly attempt: number;
  readonly requestTimeoutMs: number;
}

async function askOnce(
  context: AgentContext,
  subject: TurnSubject,
  request: ModelRequest,
  attempt: Attempt,
): Promise<AskedTurn> {
  const { clock, sink } = context;
  const { provider } = subject.bound;
  const common = {
    runId: context.runId,
    agent: subject.agent,
    turn: subject.turn,
    attempt: attempt.attempt,
    provider: provider.name,
    model: request.model,
  } as const;
  const startedAtMs = clock.nowMs();
  const askedAt = clock.monoMs();
  let admittedAt = askedAt;
  sink.emit({ type: 'turn.started', atMs: startedAtMs, ...common });
  const send = (): Promise<ModelReply> => {
    admittedAt = clock.monoMs();
    return provider.ask(request, { signal: subject.signal, deadlineMs: attempt.requestTimeoutMs });
  };
  const times = (): { startedAtMs: number; waitMs: number; ms: number } => ({
    startedAtMs,
    waitMs: admittedAt - askedAt,
    ms: clock.monoMs() - askedAt,
  });
  try {
    const reply = await passLanes(context, subject, send);
    const costUsd = reply.usage && context.priceOf(provider.name, request.model, reply.usage);
    settlePace(subject, reply.usage);
    context.control.spend(reply.usage, costUsd);
    const { text, toolCalls, usage, firstTokenMs } = reply;
    sink.emit({
      type: 'turn.finished',
      atMs: clock.nowMs(),
      ...common,
      state: 'done',
      ...times(),
      text,
      toolCalls,
      usage,
      costUsd,
      firstTokenMs,
    });
    return { reply, costUsd };
  } catch (error) {
    const failure = toAppError(subject.signal.aborted ? subject.signal.reason : error);
    const text = typeof failure.details['text'] === 'string' ? failure.details['text'] : '';
    const state = subject.signal.aborted ? 'cancelled' : 'broken';
    sink.emit({
      type: 'turn.finished',
      atMs: clock.nowMs(),
      ...common,
      state,
      ...times(),
      text,
      toolCalls: [],
      error: failure.toData(),
    });
    throw failure;
  }
}

/** The run's own permit first, then the provider's: what waits for the fleet's limit takes nothing from other fleets. */
function passLanes(context: AgentContext, subject: TurnSubject, send: () => Promise<ModelReply>): Promise<ModelReply> {
  let work = send;
  for (const pass of subject.bound.passes.toReversed()) {
    const inner = work;
    const admission = { owner: subject.owner, signal: subject.signal, tokens: subject.estimatedTokens };
    work = () => submitWhenRoom(context.gate, { lane: pass.lane, work: inner, admission, clock: context.clock });
  }
  return work();
}

/** The pace was charged an estimate; the provider's own count replaces it. */
function settlePace(subject: TurnSubject, usage: Usage | undefined): void {
  if (!usage) return;
  const usedTokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  const more = usedTokens - subject.estimatedTokens;
  for (const { pace } of subject.bound.passes) {
    if (more > 0) pace?.charge(more);
    else pace?.refund(-more);
  }
}
