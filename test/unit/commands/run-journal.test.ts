import { expect, test } from 'vitest';
import { RunJournal } from '../../../main/rpc/run-journal.ts';
import { AgentTable } from '../../../runtime/fleet/agent-table.ts';
import type { LiveRun, RunListener } from '../../../runtime/fleet/live-run.ts';
import { ProgramTails } from '../../../runtime/fleet/live/program-output.ts';
import { RunFrameRecorder } from '../../../runtime/fleet/run-frames.ts';
import type { RunWatchItem } from '../../../shared/contract/runs.ts';
import type { FinishedAgent, RunProgress, RunReport } from '../../../shared/model/run-summary.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { planOf } from '../../support/test-fleets.ts';

interface Scripted extends LiveRun {
  finish(name: string, answer?: string): void;
  become(change: Partial<RunProgress>): void;
  settle(): void;
}

function scriptedRun(runId: string): Scripted {
  const listeners = new Set<RunListener>();
  let settled = Promise.withResolvers<RunProgress>();
  let progress = { runId, fleet: 'f', state: 'running', agents: 3, agentsDone: 0, turns: 0 } as RunProgress;
  const table = new AgentTable([], 0);
  return {
    runId,
    plan: planOf(0),
    budget: {},
    beganAtMs: 0,
    table,
    output: new ProgramTails(),
    frames: new RunFrameRecorder({ runId, table, clock: manualClock() }),
    observe: () => ({ [Symbol.dispose]: () => {} }),
    progress: () => ({ ...progress }),
    activity: () => [],
    get settled() {
      return settled.promise;
    },
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    finish(name, answer = '') {
      progress = { ...progress, agentsDone: progress.agentsDone + 1 };
      for (const listener of listeners) listener.agentFinished?.({ name, answer } as FinishedAgent);
    },
    become(change) {
      // A run that goes on settles anew, as the real one.
      if (change.state === 'running') settled = Promise.withResolvers();
      progress = { ...progress, ...change };
      for (const listener of listeners) listener.changed?.(progress);
    },
    settle: () => settled.resolve(progress),
  };
}

function openJournal(clock: ManualClock): RunJournal {
  return new RunJournal({ clock, report: async (runId) => ({ runId, lost: 0 }) as unknown as RunReport });
}

function collect(items: AsyncIterable<RunWatchItem>): { all: RunWatchItem[]; done: Promise<void> } {
  const all: RunWatchItem[] = [];
  const done = (async () => {
    for await (const item of items) all.push(item);
  })();
  return { all, done };
}

const names = (items: readonly RunWatchItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'agent' ? [item.agent.name] : []));

test('a watcher that comes late gets every agent that has finished, once, and then the rest', async () => {
  const clock = manualClock();
  const journal = openJournal(clock);
  const run = scriptedRun('A');
  journal.attach(run);
  run.finish('one');
  run.finish('two');
  const { all, done } = collect(journal.watch('A', new AbortController().signal));
  await clock.advance(10);
  expect(all[0]).toMatchObject({ kind: 'baseline', finished: 2 });
  expect(names(all)).toEqual(['one', 'two']);
  run.finish('three');
  run.become({ state: 'done' });
  await clock.advance(10);
  await done;
  expect(names(all)).toEqual(['one', 'two', 'three']);
  expect(all.at(-1)?.kind).toBe('report');
});

test('counts that no event tells are looked at ten times a second and sent when they changed', async () => {
  const clock = manualClock();
  const journal = openJournal(clock);
  const run = scriptedRun('A');
  journal.attach(run);
  const stop = new AbortController();
  const { all, done } = collect(journal.watch('A', stop.signal));
  await clock.advance(1_000);
  expect(all.map(({ kind }) => kind)).toEqual(['baseline']);
  run.become({ turns: 5 });
  await clock.advance(1_000);
  expect(all.map(({ kind }) => kind)).toEqual(['baseline', 'progress']);
  stop.abort();
  await clock.advance(100);
  await done;
  expect(clock.pendingCount).toBe(0);
});

test('a budget that is used up ends the watch with a report, and a run that goes on can be watched again', async () => {
  const clock = manualClock();
  const journal = openJournal(clock);
  const run = scriptedRun('A');
  journal.attach(run);
  const first = collect(journal.watch('A', new AbortController().signal));
  run.become({ state: 'paused' });
  await clock.advance(500);
  expect(first.all.some(({ kind }) => kind === 'report')).toBe(false);
  run.settle();
  await clock.advance(100);
  await first.done;
  run.become({ state: 'running' });
  const second = collect(journal.watch('A', new AbortController().signal));
  await clock.advance(500);
  expect(second.all.map(({ kind }) => kind)).toEqual(['baseline']);
  run.become({ state: 'done' });
  await clock.advance(100);
  await second.done;
});

test('the report of a run that was stopped while its budget held it up is that of its end', async () => {
  const clock = manualClock();
  const report = async ({ state }: RunProgress): Promise<RunReport> => ({ state }) as RunReport;
  const journal = new RunJournal({ clock, report });
  const run = scriptedRun('A');
  journal.attach(run);
  run.become({ state: 'paused' });
  run.settle();
  await clock.advance(10);
  run.become({ state: 'stopping' });
  run.become({ state: 'stopped' });
  const { all, done } = collect(journal.watch('A', new AbortController().signal));
  await clock.advance(100);
  await done;
  expect(all.at(-1)).toMatchObject({ kind: 'report', report: { state: 'stopped' } });
});

test('answers beyond what is kept for watchers are left out and marked, no agent is', async () => {
  const clock = manualClock();
  const journal = openJournal(clock);
  const run = scriptedRun('A');
  journal.attach(run);
  const answer = 'x'.repeat(1_000_000);
  run.finish('large', `${answer}x`);
  for (let n = 1; n <= 33; n++) run.finish(`${n}`, answer);
  run.become({ state: 'done' });
  const { all, done } = collect(journal.watch('A', new AbortController().signal));
  await clock.advance(100);
  await done;
  const omitted = all.flatMap((item) => (item.kind === 'agent' && item.answerOmitted ? [item.agent.name] : []));
  expect(omitted).toEqual(['large', '33']);
  expect(names(all)).toHaveLength(34);
});

test('runs that ended are forgotten but for the last few; live ones never are', async () => {
  const journal = openJournal(manualClock());
  const live = scriptedRun('LIVE');
  journal.attach(live);
  for (let n = 0; n < 20; n++) {
    const run = scriptedRun(`R${n}`);
    journal.attach(run);
    run.become({ state: 'done' });
  }
  expect(journal.live().map(({ runId }) => runId)).toEqual(['LIVE']);
  expect(journal.list().length).toBeLessThanOrEqual(10);
  expect(() => journal.progress('R0')).toThrow(expect.objectContaining({ code: 'RUN_NOT_LIVE' }) as Error);
});
