import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openHistory } from '../../../main/history/open-history.ts';
import { openGate } from '../../../runtime/admission/gate.ts';
import { runModelAgent } from '../../../runtime/agent/model-agent.ts';
import { openFleets, type Fleets } from '../../../runtime/fleet/fleets.ts';
import { ALL_RUNS_LANE } from '../../../runtime/fleet/live-run.ts';
import type { ModelReply, Provider } from '../../../runtime/providers/provider.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCallLedger } from '../../../runtime/tools/call-ledger.ts';
import { openRunTools } from '../../../runtime/tools/run-tools.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import { noopTool } from '../fleet/flotilla.ts';
import type { Measured } from '../section.ts';
import { slopeOf } from './slope.ts';

/** A recorded agent: so many turns, each with so many calls at once. */
const TURNS = 25;
const CALLS_PER_TURN = 16;
const AGENTS_PER_RUN = 500;
const WIDTH = 64;

const WARM_UP_MS = 5_000;
const SAMPLE_INTERVAL_MS = 250;

/** The turns of an agent as a provider would give them, so that no provider takes a core. */
function recording(): Provider {
  const turns: readonly ModelReply[] = Array.from({ length: TURNS }, (_, turn) => ({
    text: '',
    toolCalls: Array.from({ length: CALLS_PER_TURN }, (_, n) => ({
      providerCallId: `call_${turn}_${n}`,
      tool: 'noop',
      argumentsJson: `{"id":"call-${turn * CALLS_PER_TURN + n}"}`,
    })),
    finish: 'tool calls',
    usage: { inputTokens: 1_200, outputTokens: 180 },
    firstTokenMs: 1,
  }));
  const last: ModelReply = {
    text: 'All calls succeeded.',
    toolCalls: [],
    finish: 'stop',
    usage: { inputTokens: 1_500, outputTokens: 12 },
    firstTokenMs: 1,
  };
  return {
    name: 'recording',
    contextTokens: undefined,
    ask: async ({ messages }) => turns[(messages.length - 1) / (CALLS_PER_TURN + 1)] ?? last,
    stats: () => {
      throw new Error('A recording has no statistics.');
    },
    async [Symbol.asyncDispose]() {},
  };
}

function planOf(workspace: string): FleetPlan {
  return {
    name: 'full-path',
    description: '',
    path: join(workspace, 'fleet.yaml'),
    text: '',
    overrides: {},
    workspace,
    providers: {},
    allow: [],
    agents: Array.from({ length: AGENTS_PER_RUN }, (_, index) => ({
      kind: 'model' as const,
      index,
      name: `caller-${index + 1}`,
      prompt: 'Make the calls.',
      system: '',
      provider: 'recording',
      model: 'recorded',
      tools: ['noop'],
    })),
    limits: { concurrentAgents: WIDTH, turns: TURNS + 5, toolCalls: 10_000, minutes: 60, weight: 1 },
    budget: {},
    cache: { toolResults: false, modelAnswers: false, share: false },
  };
}

interface Stage extends AsyncDisposable {
  readonly fleets: Fleets;
  readonly plan: FleetPlan;
  /** Lost and duplicated calls of a run, from history and the tools' ledger. */
  check(runId: string): Promise<number>;
}

/** Everything a tool call crosses; `isRecorded` false leaves history out, to show its part. */
async function openStage(isRecorded: boolean): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-full-path-'));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const clock = systemClock;
  const history = opening.use(await openHistory({ dataDir, clock }));
  const nowhere: EventSink = { emit: () => {}, room: () => undefined };
  const gate = opening.use(
    openGate({
      lanes: {
        io: { maxRunning: 256, queueCapacity: 20_000 },
        [ALL_RUNS_LANE]: { maxRunning: 1_000, queueCapacity: 100_000 },
        'provider:recording': { maxRunning: 256, queueCapacity: 20_000 },
      },
      clock,
    }),
  );
  const ledgerOf = (runId: string): string => join(dataDir, `${runId}.log`);
  const provider = recording();
  const limits = { maxOutputBytes: 65_536, timeoutMs: 60_000, off: new Set<string>() };
  const fleets = opening.use(
    openFleets({
      gate,
      clock,
      sink: isRecorded ? history.sink : nowhere,
      providers: { acquire: async () => ({ provider, lane: 'provider:recording' }) },
      priceOf: () => () => 0.001,
      async openTools({ runId }) {
        const ledger = await openCallLedger(ledgerOf(runId), clock);
        const tools = openRunTools({
          runId,
          gate,
          clock,
          workspace: dataDir,
          allow: [],
          tools: [noopTool as Tool],
          ledger,
          settings: () => limits,
        });
        const dispose = async (): Promise<void> => {
          await tools[Symbol.asyncDispose]();
          await ledger[Symbol.asyncDispose]();
        };
        return {
          schemas: (names) => tools.schemas(names),
          isRepeatable: () => true,
          call: (call) => tools.call(call),
          flush: () => tools.flush(),
          [Symbol.asyncDispose]: dispose,
        };
      },
      runAgent: (agent, context, recorded) =>
        runModelAgent(agent as Parameters<typeof runModelAgent>[0], context, recorded),
      askSettings: () => ({ requestTimeoutMs: 60_000, maxAttempts: 1, backoff: { baseMs: 1, maxMs: 1 } }),
      settingsVersion: () => 0,
      closeDeadlineMs: 1_000,
    }),
  );
  const owned = opening.move();
  return {
    fleets,
    plan: planOf(dataDir),
    async check(runId) {
      if (!isRecorded) return 0;
      await history.flush();
      const { lost, duplicated } = await history.reader.checkLedger(runId, ledgerOf(runId));
      return lost + duplicated;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Tool calls through gate, tools, ledger, session and history for `durationMs`, after a warm-up. */
export async function measureSustained(durationMs: number, isRecorded: boolean): Promise<Measured> {
  await using stage = await openStage(isRecorded);
  const finished: string[] = [];
  let toolCalls = 0;
  const untilMs = performance.now() + WARM_UP_MS + durationMs;
  const live = new Set<ReturnType<Fleets['list']>[number]>();
  const runOn = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const run = await stage.fleets.launch(stage.plan);
      live.add(run);
      const end = await run.settled;
      live.delete(run);
      toolCalls += end.toolCalls;
      finished.push(run.runId);
    }
  };
  // Two at a time, so that the end of one run never leaves the machine idle.
  const running = Promise.all([runOn(), runOn()]);
  const done = (): number => [...live].reduce((sum, run) => sum + run.progress().toolCalls, toolCalls);
  await systemClock.sleep(WARM_UP_MS);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const rss: { readonly atSec: number; readonly mb: number }[] = [];
  const before = done();
  const startMs = performance.now();
  while (performance.now() < untilMs) {
    await systemClock.sleep(SAMPLE_INTERVAL_MS);
    rss.push({ atSec: (performance.now() - startMs) / 1_000, mb: process.memoryUsage.rss() / 2 ** 20 });
  }
  const opsPerSec = ((done() - before) / (performance.now() - startMs)) * 1_000;
  delay.disable();
  await running;
  let wrong = 0;
  for (const runId of finished) wrong += await stage.check(runId);
  // A median over rounds would hide the one round that lost something.
  if (wrong > 0) throw new Error(`${wrong} calls were lost or ran twice.`);
  const slope = slopeOf(rss.map(({ atSec, mb }) => [atSec, mb]));
  return {
    opsPerSec,
    loopDelayP50Ms: delay.percentile(50) / 1e6,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    rssSlopeMbPerMin: slope.slope * 60,
    rssSlopeLowMbPerMin: slope.low * 60,
    rssSlopeHighMbPerMin: slope.high * 60,
    lostOrDuplicated: wrong,
  };
}
