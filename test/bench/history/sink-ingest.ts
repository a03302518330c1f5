import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openHistory } from '../../../main/history/open-history.ts';
import type { History } from '../../../main/history/history.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { Measured } from '../section.ts';
import { callOf, RUN, temporaryDataDir } from './call-load.ts';

/** Calls emitted between two looks at the room there is, about as many as an agent makes at once. */
const BURST = 64;

/** A turn of the event loop belongs to the rest of the program after so many calls. */
const CALLS_PER_TURN = 1_024;

async function openRun(dataDir: string): Promise<History> {
  const history = await openHistory({ dataDir, clock: systemClock });
  history.sink.emit({
    type: 'run.launched',
    runId: RUN,
    atMs: 0,
    fleet: 'bench',
    fleetPath: '',
    fleetText: '',
    overrides: {},
    workspace: '',
    agents: 64,
    settingsVersion: 0,
  });
  await history.flush();
  return history;
}

function emitCalls({ sink }: { readonly sink: Pick<EventSink, 'emit'> }, from: number, to: number): void {
  for (let n = from; n < to; n++) for (const event of callOf(n)) sink.emit(event);
}

async function emitAsRoomAllows(history: History, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += BURST) {
    emitCalls(history, n, Math.min(n + BURST, to));
    await history.sink.room();
    if (n % CALLS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await history.flush();
}

/** Calls through the sink as fast as it takes them, until all are durable; the word index follows behind, as it always does. */
export async function measureIngest(warmUpCalls: number, calls: number): Promise<Measured> {
  using directory = temporaryDataDir();
  const history = await openRun(directory.path);
  await emitAsRoomAllows(history, 0, warmUpCalls);
  const startMs = performance.now();
  await emitAsRoomAllows(history, warmUpCalls, warmUpCalls + calls);
  const opsPerSec = (calls / (performance.now() - startMs)) * 1_000;
  const { wordLag } = history.stats();
  await history[Symbol.asyncDispose]();
  return { opsPerSec, wordLag };
}

/** Calls at a given rate, a millisecond's worth at a time, and what that does to the loop of the thread that emits them. */
export async function measurePaced(callsPerSec: number, warmUpMs: number, durationMs: number): Promise<Measured> {
  using directory = temporaryDataDir();
  const history = await openRun(directory.path);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const startMs = performance.now();
  let emitted = 0;
  let maxPending = 0;
  for (let atMs = 0; atMs < warmUpMs + durationMs; atMs = performance.now() - startMs) {
    const due = Math.floor((atMs / 1_000) * callsPerSec);
    emitCalls(history, emitted, due);
    emitted = due;
    maxPending = Math.max(maxPending, history.stats().pending);
    if (atMs >= warmUpMs) delay.enable();
    await systemClock.sleep(1);
  }
  delay.disable();
  await history.flush();
  const opsPerSec = (emitted / (performance.now() - startMs)) * 1_000;
  await history[Symbol.asyncDispose]();
  return {
    opsPerSec,
    loopDelayP50Ms: delay.percentile(50) / 1e6,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
    maxPending,
    bytesPerEventWithWords: directory.bytes() / emitted,
  };
}

/** The same events at the same rate for nobody: what the machine and its other programs do to the loop by themselves. */
export async function measurePacedForNobody(
  callsPerSec: number,
  warmUpMs: number,
  durationMs: number,
): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const startMs = performance.now();
  let emitted = 0;
  for (let atMs = 0; atMs < warmUpMs + durationMs; atMs = performance.now() - startMs) {
    const due = Math.floor((atMs / 1_000) * callsPerSec);
    emitCalls({ sink: { emit: () => undefined } }, emitted, due);
    emitted = due;
    if (atMs >= warmUpMs) delay.enable();
    await systemClock.sleep(1);
  }
  delay.disable();
  return {
    opsPerSec: (emitted / (performance.now() - startMs)) * 1_000,
    loopDelayP50Ms: delay.percentile(50) / 1e6,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
  };
}

/** What a call takes on the disk without the word index, beside which the bare table stands. */
export async function measureSize(calls: number): Promise<Measured> {
  using directory = temporaryDataDir();
  const history = await openRun(directory.path);
  await emitAsRoomAllows(history, 0, calls);
  await history[Symbol.asyncDispose]();
  const { openHistoryReader } = await import('../../../main/history/reader/open-reader.ts');
  await using reader = await openHistoryReader({ dataDir: directory.path });
  const sizes = await reader.size();
  const bytesOf = (isWanted: (table: string) => boolean): number =>
    sizes.filter(({ table }) => isWanted(table)).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    bytesPerEvent: bytesOf((table) => !['words', 'free', 'wal'].includes(table)) / calls,
    wordBytesPerEvent: bytesOf((table) => table === 'words') / calls,
  };
}
