import { openGate } from '../../runtime/admission/gate.ts';
import { runModelAgent } from '../../runtime/agent/model-agent.ts';
import type { RecordedSession } from '../../runtime/agent/recorded-session.ts';
import { openFleets, type Fleets, type FleetsPorts } from '../../runtime/fleet/fleets.ts';
import { ALL_RUNS_LANE } from '../../runtime/fleet/live-run.ts';
import type { Provider } from '../../runtime/providers/provider.ts';
import { systemClock, type Clock } from '../../runtime/time/clock.ts';
import type { RunTools } from '../../runtime/tools/tool.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import { modelAgent, scriptedTools, TEST_LIMITS } from './agent-context.ts';
import { recordingSink } from './recording-sink.ts';

/** What is known of a run that is resumed: launched at 1 s, at work for 5 s. */
export const EARLIER = { launchedAtMs: 1_000, workedMs: 5_000 };

export type Ask = Provider['ask'];

function answering(ask: Ask): Provider {
  return { name: 'test', contextTokens: undefined, ask, stats: () => ({}) as never, async [Symbol.asyncDispose]() {} };
}

export function planOf(agents: number, partial: Partial<FleetPlan> = {}): FleetPlan {
  return {
    name: 'survey',
    description: '',
    path: '/fleet.yaml',
    text: 'flotilla: 1',
    overrides: {},
    workspace: '/nowhere',
    providers: {},
    allow: [],
    agents: Array.from({ length: agents }, (_, index) => modelAgent({ index, name: `surveyor-${index + 1}` })),
    limits: TEST_LIMITS,
    budget: {},
    cache: { toolResults: true, modelAnswers: false, share: false },
    ...partial,
  };
}

export function openTestFleets(
  ask: Ask,
  tools: RunTools & { readonly opening?: Promise<void> } = scriptedTools({}),
  clock: Clock = systemClock,
  metrics?: FleetsPorts['metrics'],
): Fleets & { readonly sink: ReturnType<typeof recordingSink> } {
  const sink = recordingSink();
  const gate = openGate({
    lanes: {
      [ALL_RUNS_LANE]: { maxRunning: 100, queueCapacity: 100_000 },
      'provider:test': { maxRunning: 100, queueCapacity: 100 },
    },
    clock,
  });
  const fleets = openFleets({
    gate,
    clock,
    sink,
    metrics,
    providers: { acquire: async () => ({ provider: answering(ask), lane: 'provider:test' }) },
    priceOf: () => () => 0.25,
    openTools: async () => {
      await tools.opening;
      return tools;
    },
    runAgent: (plan, context, recorded) => {
      if (plan.kind !== 'model') throw new Error('Only model agents here.');
      return runModelAgent(plan, context, recorded);
    },
    askSettings: () => ({ requestTimeoutMs: 1_000, maxAttempts: 1, backoff: { baseMs: 1, maxMs: 1 } }),
    settingsVersion: () => 7,
    closeDeadlineMs: 50,
  });
  const close = async (): Promise<void> => {
    await fleets[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
  };
  return { ...fleets, sink, [Symbol.asyncDispose]: close };
}

export const neverAnswers: Ask = (_request, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

export async function* sessions(...list: RecordedSession[]): AsyncIterable<RecordedSession> {
  yield* list;
}

export const session = (agent: number, partial: Partial<RecordedSession>): RecordedSession => ({
  agent,
  state: 'interrupted',
  answer: '',
  turns: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  elapsedMs: 0,
  messages: [],
  unknownCalls: [],
  ...partial,
});
