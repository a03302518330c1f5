import { AppError, isAppError, toAppError } from '../../shared/errors/app-error.ts';
import type { ModelAgentPlan } from '../../shared/fleet/fleet-schema.ts';
import type { Limit, Message, StopReason, ToolSchema } from '../../shared/model/conversation.ts';
import type { FinishReason, ModelReply } from '../providers/provider.ts';
import type { AgentContext, AgentEnd, BoundProvider, RunControl } from './agent-context.ts';
import { createAgentState, finalStateOf, type AgentStateMachine } from './agent-state.ts';
import { estimateTokens } from './compaction.ts';
import { answerTurn } from './kept-answers.ts';
import type { RecordedSession } from './recorded-session.ts';
import { SessionMemory } from './session-memory.ts';
import { runToolRound } from './tool-round.ts';

/** Left free in the context window for the answer when the fleet does not say how long it may be. */
const ANSWER_RESERVE_TOKENS = 4_096;

/** A limit that ends a session with what it has. */
interface LimitReached {
  readonly limit: Limit;
  readonly at: number;
}

/**
 * Runs one model agent to its end: request, streamed answer, tool calls in parallel, results, until the model
 * ends or a limit is met. Its state changes, turns and tool calls leave as events.
 *
 * Never rejects: a limit, a failure and a stop are ways to end, with the last text of the model as the answer.
 *
 * @param recorded What history knows of the session when it is resumed: it goes on after its last completed turn.
 */
export async function runModelAgent(
  plan: ModelAgentPlan,
  context: AgentContext,
  recorded?: RecordedSession,
): Promise<AgentEnd> {
  const bound = context.providers.get(plan.provider);
  if (!bound) throw new AppError('INTERNAL', `Provider "${plan.provider}" was not opened for this run.`);
  const state = createAgentState({ runId: context.runId, agent: plan.index }, context);
  using ending = linkEnding(context, recorded);
  const control = withHeldMinutes(context.control, ending);
  const inTime = { ...context, control };
  using session = new ModelSession({ plan, context: inTime, bound, state, signal: ending.signal, recorded });
  try {
    const stop = await session.run();
    return finish(state, stop, session.answer);
  } catch (error) {
    return finish(state, toStopReason(error, ending.signal, context), session.answer);
  }
}

function finish(state: AgentStateMachine, stop: StopReason, answer: string): AgentEnd {
  state.enter(finalStateOf(stop), { stop, answer });
  return { stop, answer };
}

/** The reason an agent's signal carries when its minutes are used up. */
const MINUTES_USED = new AppError('TASK_CANCELLED', 'The minutes of this agent are used up.');

/** What ends an agent from outside; its minutes stand still between `hold` and `goOn`. */
interface Ending extends Disposable {
  readonly signal: AbortSignal;
  hold(): void;
  goOn(): void;
}

/** A paused run takes nothing from the minutes of its agents. */
function withHeldMinutes(control: RunControl, ending: Ending): RunControl {
  return {
    ...control,
    checkpoint(onPause) {
      const waiting = control.checkpoint(onPause);
      if (!waiting) return undefined;
      ending.hold();
      return waiting.finally(() => ending.goOn());
    },
  };
}

/** Aborts when the run is forced to end or the agent's minutes are used up. */
function linkEnding(context: AgentContext, recorded: RecordedSession | undefined): Ending {
  const ending = new AbortController();
  const onRunEnd = (): void => ending.abort(context.signal.reason);
  if (context.signal.aborted) onRunEnd();
  context.signal.addEventListener('abort', onRunEnd, { once: true });
  const { clock } = context;
  let leftMs = Math.max(0, context.limits.minutes * 60_000 - (recorded?.elapsedMs ?? 0));
  const start = (): { readonly timer: Disposable; readonly atMs: number } => ({
    timer: clock.after(leftMs, () => ending.abort(MINUTES_USED)),
    atMs: clock.monoMs(),
  });
  let running = start();
  return {
    signal: ending.signal,
    hold() {
      running.timer[Symbol.dispose]();
      leftMs = Math.max(0, leftMs - (clock.monoMs() - running.atMs));
    },
    goOn() {
      running = start();
    },
    [Symbol.dispose]: () => {
      running.timer[Symbol.dispose]();
      context.signal.removeEventListener('abort', onRunEnd);
    },
  };
}

function toStopReason(error: unknown, signal: AbortSignal, context: AgentContext): StopReason {
  if (signal.aborted && signal.reason === MINUTES_USED)
    return { kind: 'limit', limit: 'minutes', at: context.limits.minutes };
  if (signal.aborted || isAppError(error, 'TASK_CANCELLED')) return { kind: 'stopped', by: 'operator' };
  const failure = toAppError(error);
  return { kind: 'failed', code: failure.code, message: failure.message };
}

interface SessionParts {
  readonly plan: ModelAgentPlan;
  readonly context: AgentContext;
  readonly bound: BoundProvider;
  readonly state: AgentStateMachine;
  readonly signal: AbortSignal;
  readonly recorded: RecordedSession | undefined;
}

/** The conversation of one agent while it runs. */
class ModelSession implements Disposable {
  answer: string;
  readonly #parts: SessionParts;
  readonly #owner: string;
  readonly #tools: readonly ToolSchema[];
  readonly #fixedChars: number;
  readonly #memory: SessionMemory;
  #turns: number;
  #toolCalls: number;
  /**
   * Turns and calls of an earlier life that the limits do not count: those of an agent that begins anew, and calls that a
   * crash cut short.
   */
  readonly #before: { readonly turns: number; readonly toolCalls: number };
  /** Characters a token took in the last request the provider counted. */
  #charsPerToken: number | undefined;

  constructor(parts: SessionParts) {
    const { plan, context, recorded } = parts;
    this.#parts = parts;
    this.#owner = `${context.runId}/${plan.index}`;
    this.#tools = context.tools.schemas(plan.tools);
    this.#fixedChars = plan.system.length + JSON.stringify(this.#tools).length;
    const messages: Message[] = [{ role: 'user', text: plan.prompt }, ...(recorded ? untilLastTurn(recorded) : [])];
    this.#memory = new SessionMemory(context.caches?.contexts, this.#owner, messages);
    this.#turns = recorded?.turns ?? 0;
    this.#toolCalls = recorded?.lastCall ?? recorded?.toolCalls ?? 0;
    const isAnew = recorded?.messages.length === 0;
    this.#before = {
      turns: isAnew ? this.#turns : 0,
      toolCalls: isAnew ? this.#toolCalls : this.#toolCalls - (recorded?.toolCalls ?? 0),
    };
    this.answer = recorded?.answer ?? '';
  }

  async run(): Promise<StopReason> {
    const { context, recorded } = this.#parts;
    if (recorded) {
      await this.#passCheckpoint();
      await this.#finishRecordedTurn(recorded);
    }
    for (;;) {
      await this.#passCheckpoint();
      await context.sink.room();
      await context.slices.pass();
      const before = this.#limitBeforeTurn();
      if (before) return { kind: 'limit', ...before };
      const reply = await this.#ask();
      const end = await this.#take(reply);
      if (end) return end;
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  /** The conversation may leave memory while the session is held up. */
  async #passCheckpoint(): Promise<void> {
    const { context, state } = this.#parts;
    const waiting = context.control.checkpoint((reason) => state.enter('paused', { reason }));
    if (waiting !== undefined) await this.#memory.restWhile(waiting);
  }

  #limitBeforeTurn(): LimitReached | undefined {
    const { limits } = this.#parts.context;
    if (this.#turns - this.#before.turns >= limits.turns) return { limit: 'turns', at: limits.turns };
    return this.#compact();
  }

  /** Keeps the conversation inside the model's window, where the window is known. */
  #compact(): LimitReached | undefined {
    const { bound, plan } = this.#parts;
    const contextTokens = bound.provider.contextTokens;
    if (contextTokens === undefined) return undefined;
    const reserve = Math.min(plan.maxOutputTokens ?? ANSWER_RESERVE_TOKENS, contextTokens / 2);
    const windowTokens = contextTokens - reserve - estimateTokens(this.#fixedChars);
    const fits = this.#memory.conversation.compact(windowTokens, this.#charsPerToken);
    return fits ? undefined : { limit: 'context', at: contextTokens };
  }

  async #ask(): Promise<ModelReply> {
    const { plan, context, bound, state, signal } = this.#parts;
    this.#turns += 1;
    state.enter('asking');
    const chars = this.#fixedChars + this.#memory.conversation.chars;
    const reply = await answerTurn(
      context,
      {
        agent: plan.index,
        turn: this.#turns,
        owner: this.#owner,
        bound,
        estimatedTokens: estimateTokens(chars),
        signal,
        state,
      },
      {
        model: plan.model,
        system: plan.system,
        messages: this.#memory.conversation.messages,
        tools: this.#tools,
        temperature: plan.temperature,
        maxOutputTokens: plan.maxOutputTokens,
      },
    );
    context.control.countTurn();
    if (reply.usage?.inputTokens) this.#charsPerToken = chars / reply.usage.inputTokens;
    return reply;
  }

  /** Takes in an answer: ends the session, or runs the tools and lets it go on. */
  async #take(reply: ModelReply): Promise<StopReason | undefined> {
    const { plan, context, state, signal } = this.#parts;
    if (reply.text !== '') this.answer = reply.text;
    if (reply.toolCalls.length === 0) return this.#endOf(reply.finish);
    const left = context.limits.toolCalls - (this.#toolCalls - this.#before.toolCalls);
    if (left <= 0) return { kind: 'limit', limit: 'tool calls', at: context.limits.toolCalls };
    const calls = reply.toolCalls.slice(0, left);
    state.enter('running tools');
    const firstCall = this.#toolCalls + 1;
    this.#toolCalls += calls.length;
    const results = await runToolRound(context, {
      agent: plan.index,
      turn: this.#turns,
      owner: this.#owner,
      signal,
      firstCall,
      calls,
    });
    if (signal.aborted) throw signal.reason;
    this.#memory.add({ role: 'assistant', text: reply.text, toolCalls: calls }, ...results);
    const cut = calls.length < reply.toolCalls.length;
    return cut ? { kind: 'limit', limit: 'tool calls', at: context.limits.toolCalls } : undefined;
  }

  #endOf(finish: FinishReason): StopReason {
    if (finish === 'refused')
      return { kind: 'failed', code: 'PROVIDER_REFUSED', message: 'The model declined to answer.' };
    if (finish !== 'output limit') return { kind: 'answered' };
    return { kind: 'limit', limit: 'output tokens', at: this.#parts.plan.maxOutputTokens ?? 0 };
  }

  /**
   * Completes the last recorded turn. Calls that never started are run; one that was in flight when the program
   * died is run again only when its tool declares itself repeatable, else the model is told that nobody knows.
   */
  async #finishRecordedTurn(recorded: RecordedSession): Promise<void> {
    const { plan, context, state, signal } = this.#parts;
    const last = recorded.messages.findLastIndex((message) => message.role === 'assistant');
    const turn = recorded.messages[last];
    if (turn?.role !== 'assistant') return;
    const have = new Map(
      recorded.messages
        .slice(last + 1)
        .map((message) => [message.role === 'tool' ? message.providerCallId : '', message]),
    );
    const inFlight = new Set(recorded.unknownCalls.map((call) => call.providerCallId));
    const again = turn.toolCalls.filter(
      (call) =>
        !have.has(call.providerCallId) && (!inFlight.has(call.providerCallId) || context.tools.isRepeatable(call.tool)),
    );
    if (again.length > 0) {
      state.enter('running tools');
      const firstCall = this.#toolCalls + 1;
      this.#toolCalls += again.length;
      const round = { agent: plan.index, turn: this.#turns, owner: this.#owner, signal, firstCall, calls: again };
      for (const result of await runToolRound(context, round))
        if (result.role === 'tool') have.set(result.providerCallId, result);
    }
    const results = turn.toolCalls.map<Message>(
      (call) =>
        have.get(call.providerCallId) ?? {
          role: 'tool',
          providerCallId: call.providerCallId,
          tool: call.tool,
          text: 'The outcome of this call is unknown: the program ended while it was running. Check before repeating it.',
          failed: true,
        },
    );
    this.#memory.add(...results);
  }
}

/** The messages up to the last turn, whose results are completed when the session goes on. */
function untilLastTurn({ messages }: RecordedSession): readonly Message[] {
  return messages.slice(0, messages.findLastIndex((message) => message.role === 'assistant') + 1);
}
