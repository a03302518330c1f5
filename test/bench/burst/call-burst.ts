import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHistory } from '../../../main/history/open-history.ts';
import type { History } from '../../../main/history/history.ts';
import { openGate, type Gate } from '../../../runtime/admission/gate.ts';
import type { AgentContext } from '../../../runtime/agent/agent-context.ts';
import { runToolRound } from '../../../runtime/agent/tool-round.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCallLedger } from '../../../runtime/tools/call-ledger.ts';
import { openRunTools } from '../../../runtime/tools/run-tools.ts';
import type { RunTools, Tool } from '../../../runtime/tools/tool.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import { noopTool } from '../fleet/flotilla.ts';
import type { Submit } from '../loads.ts';
import type { Measured } from '../section.ts';
import { percentile } from '../statistics.ts';
import { MemoryWatch } from './memory-watch.ts';

/** The burst of PERFORMANCE.md. */
export const CALLS = 10_000;
export const CALL_MS = 5;
/** Who calls; each has its share of the burst in one turn. */
const AGENTS = 40;
/** Bursts before the one that is measured, so that code is compiled; small ones, so that they leave the memory as it is. */
const WARM_UP_CALLS = 1_000;
const WARM_UP_BURSTS = 10;
/** Ends between two looks at the memory. */
const LOOK_EVERY = 500;

const clock = systemClock;
const runIdOf = (n: number): string => `01K0000000000000000000000${n.toString(16).toUpperCase()}`;
const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, CALL_MS));

/** Ends of a burst, as they come: how long after the burst began, and what the memory is then. */
class Ends {
  readonly ms: number[] = [];
  private readonly startMs = performance.now();
  private readonly memory: MemoryWatch;

  constructor(memory: MemoryWatch) {
    this.memory = memory;
  }

  note(): void {
    this.ms.push(performance.now() - this.startMs);
    if (this.ms.length % LOOK_EVERY === 0) this.memory.look();
  }

  measured(): Measured {
    this.memory.look();
    const totalMs = performance.now() - this.startMs;
    const aboveIdleMb = this.memory.aboveIdleMb;
    const [p50Ms, p99Ms] = [percentile(this.ms, 0.5), percentile(this.ms, 0.99)];
    return { opsPerSec: (this.ms.length / totalMs) * 1_000, p50Ms, p99Ms, totalMs, aboveIdleMb };
  }
}

/** The burst through a limiter alone: nothing is registered, checked, recorded or cut. */
export async function measureBareBurst(submit: Submit): Promise<Measured> {
  const burst = async (calls: number): Promise<Measured> => {
    const memory = new MemoryWatch();
    const ends = new Ends(memory);
    const note = (): void => ends.note();
    await Promise.all(Array.from({ length: calls }, (_, index) => submit(sleep, index).then(note)));
    return ends.measured();
  };
  for (let round = 0; round < WARM_UP_BURSTS; round++) await burst(WARM_UP_CALLS);
  return burst(CALLS);
}

/** What stays from one run to the next. */
interface Stage extends AsyncDisposable {
  readonly dataDir: string;
  readonly gate: Gate;
  readonly history: History;
}

async function openStage(maxRunning: number): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-burst-'));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const history = opening.use(await openHistory({ dataDir, clock }));
  const gate = opening.use(openGate({ lanes: { io: { maxRunning, queueCapacity: 2 * CALLS } }, clock }));
  const owned = opening.move();
  return { dataDir, gate, history, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Run extends AsyncDisposable {
  readonly tools: RunTools;
  readonly ledgerPath: string;
  /** Calls that have run, by the tool itself. */
  ran(): number;
}

async function openRun(runId: string, { dataDir, gate, history }: Stage): Promise<Run> {
  await using opening = new AsyncDisposableStack();
  const ledgerPath = join(dataDir, `${runId}.log`);
  const ledger = opening.use(await openCallLedger(ledgerPath, clock));
  let ranCount = 0;
  const tool: Tool<{ id: string }> = {
    ...noopTool,
    async run() {
      ranCount++;
      await sleep();
      return { text: 'ok' };
    },
  };
  const limits = { maxOutputBytes: 65_536, timeoutMs: 60_000, off: new Set<string>() };
  const parts = { runId, gate, clock, workspace: dataDir, allow: [], tools: [tool as Tool], ledger };
  const tools = opening.use(openRunTools({ ...parts, settings: () => limits }));
  const subject = { runId, atMs: clock.nowMs(), fleet: 'burst', fleetPath: '', fleetText: '', overrides: {} };
  history.sink.emit({ type: 'run.launched', ...subject, workspace: dataDir, agents: AGENTS, settingsVersion: 0 });
  await history.flush();
  const owned = opening.move();
  return { tools, ledgerPath, ran: () => ranCount, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function burstOn(runId: string, stage: Stage, calls: number): Promise<Measured> {
  await using run = await openRun(runId, stage);
  const memory = new MemoryWatch();
  const ends = new Ends(memory);
  let failed = 0;
  const sink: EventSink = {
    emit(event) {
      stage.history.sink.emit(event);
      if (event.type !== 'toolCall.finished') return;
      ends.note();
      if (event.state !== 'done') failed++;
    },
    room: () => stage.history.sink.room(),
  };
  // Of a session's context a round of calls uses these parts only.
  const parts = { runId, clock, sink, tools: run.tools, control: { countToolCall: () => {} } };
  const context = parts as unknown as AgentContext;
  const perAgent = calls / AGENTS;
  const rounds = Array.from({ length: AGENTS }, (_, agent) => ({
    agent,
    turn: 1,
    owner: `${runId}/${agent}`,
    signal: new AbortController().signal,
    firstCall: 1,
    calls: Array.from({ length: perAgent }, (_call, n) => ({
      providerCallId: `call_${n}`,
      tool: 'noop',
      argumentsJson: `{"id":"call-${n}"}`,
    })),
  }));
  await Promise.all(rounds.map((round) => runToolRound(context, round)));
  const measured = ends.measured();
  await run.tools.flush();
  await stage.history.flush();
  const { lost, duplicated } = await stage.history.reader.checkLedger(runId, run.ledgerPath);
  const wrong = lost + duplicated + failed + Math.abs(run.ran() - calls);
  // A median over rounds would hide the one round that lost something.
  if (wrong > 0) throw new Error(`${wrong} calls were lost, failed or ran twice.`);
  return { ...measured, lostOrDuplicated: wrong };
}

/** The burst on the whole way of a call: events, tool registry, gate, tool, ledger, history. */
export async function measureCallBurst(maxRunning: number): Promise<Measured> {
  await using stage = await openStage(maxRunning);
  for (let round = 1; round <= WARM_UP_BURSTS; round++) await burstOn(runIdOf(round), stage, WARM_UP_CALLS);
  return await burstOn(runIdOf(0), stage, CALLS);
}
