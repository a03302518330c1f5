import { openGate } from '../../runtime/admission/gate.ts';
import type { AgentContext } from '../../runtime/agent/agent-context.ts';
import { createRunHold, type RunHold } from '../../runtime/fleet/live/run-hold.ts';
import { createAgentTally, countUsage, type AgentTally } from '../../runtime/fleet/live/run-tally.ts';
import type { Provider } from '../../runtime/providers/provider.ts';
import { systemClock, type Clock } from '../../runtime/time/clock.ts';
import { createSlices } from '../../runtime/time/slices.ts';
import type { RunTools, ToolCall, ToolCallResult } from '../../runtime/tools/tool.ts';
import type { FleetLimits, FleetPlan, ModelAgentPlan } from '../../shared/fleet/fleet-schema.ts';
import { recordingSink } from './recording-sink.ts';

type ToolBody = (call: ToolCall) => Promise<string> | string;

/** Tools whose bodies are functions; one that throws fails. `repeatable` names those that declare it. */
export function scriptedTools(
  bodies: Readonly<Record<string, ToolBody>>,
  repeatable: readonly string[] = [],
): RunTools & { readonly calls: ToolCall[] } {
  const calls: ToolCall[] = [];
  return {
    calls,
    schemas: (names) => names.map((name) => ({ name, description: name, inputSchema: { type: 'object' } })),
    isRepeatable: (tool) => repeatable.includes(tool),
    async call(call): Promise<ToolCallResult> {
      calls.push(call);
      try {
        const output = await bodies[call.tool]!(call);
        return { state: 'done', output, outputBytes: output.length, waitMs: 0, ms: 0 };
      } catch (error) {
        return { state: 'failed', output: (error as Error).message, outputBytes: 0, waitMs: 0, ms: 0 };
      }
    },
    flush: async () => {},
    async [Symbol.asyncDispose]() {},
  };
}

/** The run around one agent, with everything real but the model and the tools. */
export interface TestAgentContext extends AsyncDisposable {
  readonly context: AgentContext;
  readonly sink: ReturnType<typeof recordingSink>;
  readonly hold: RunHold;
  readonly tally: AgentTally;
  /** Ends what is in flight, as a stop whose deadline has passed does. */
  readonly force: AbortController;
}

export const TEST_LIMITS: FleetLimits = { concurrentAgents: 4, turns: 10, toolCalls: 20, minutes: 5, weight: 1 };

/** Opens a context whose agents ask `provider`. */
export function agentContext(options: {
  readonly provider: Provider;
  readonly tools?: RunTools;
  readonly clock?: Clock;
  readonly limits?: Partial<FleetLimits>;
  readonly maxAttempts?: number;
}): TestAgentContext {
  const clock = options.clock ?? systemClock;
  const gate = openGate({ lanes: { 'provider:test': { maxRunning: 8, queueCapacity: 8 } }, clock });
  const sink = recordingSink();
  const hold = createRunHold({ onWaiting: () => {}, kindOf: () => 'model' });
  const stopping = new AbortController();
  const tally = createAgentTally();
  const force = new AbortController();
  const limits = { ...TEST_LIMITS, ...options.limits };
  const context: AgentContext = {
    runId: 'RUN',
    clock,
    slices: createSlices(() => clock.monoMs()),
    gate,
    sink,
    plan: { workspace: '/nowhere', limits } as FleetPlan,
    limits,
    control: {
      stopping: stopping.signal,
      checkpoint: (onPause) => hold.pass(0, onPause),
      spend: (usage, costUsd) => countUsage(tally, usage, costUsd),
      countTurn: () => void (tally.turns += 1),
      countRetry: () => void (tally.retries += 1),
      countToolCall: () => void (tally.toolCalls += 1),
    },
    priceOf: (_provider, _model, usage) => (usage.outputTokens === undefined ? undefined : usage.outputTokens / 1_000),
    providers: new Map([['test', { provider: options.provider, passes: [{ lane: 'provider:test' }] }]]),
    tools: options.tools ?? scriptedTools({}),
    askSettings: () => ({
      requestTimeoutMs: 60_000,
      maxAttempts: options.maxAttempts ?? 3,
      backoff: { baseMs: 1, maxMs: 4 },
    }),
    signal: force.signal,
  };
  return { context, sink, hold, tally, force, [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose]() };
}

/** A model agent that asks the test provider. */
export function modelAgent(partial: Partial<ModelAgentPlan> = {}): ModelAgentPlan {
  return {
    kind: 'model',
    index: 0,
    name: 'surveyor',
    prompt: 'Survey.',
    system: '',
    provider: 'test',
    model: 'test-1',
    tools: ['read_file', 'shell'],
    ...partial,
  };
}
