import { expect, test } from 'vitest';
import { AgentTable } from '../../../runtime/fleet/agent-table.ts';
import { RunFrameRecorder } from '../../../runtime/fleet/run-frames.ts';
import type { FrameSource, MetricValues } from '../../../runtime/telemetry/metrics.ts';
import { decodeTable } from '../../../shared/table/decode-table.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';
import { scriptedTools } from '../../support/agent-context.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { reply, requested } from '../../support/scripted-provider.ts';
import { neverAnswers, openTestFleets, planOf } from '../../support/test-fleets.ts';

const runId = 'R';
const OWN = { 'main.gcPauseMaxMs': 2, 'main.loopDelayP99Ms': 3, 'main.rssBytes': 4_096 };
const subject = { runId, agent: 0, turn: 1, call: 1, providerCallId: 'c', tool: 't', argumentsJson: '{}', atMs: 0 };

function openFrames() {
  const clock = manualClock();
  const table = new AgentTable(planOf(3).agents, 0);
  const frames = new RunFrameRecorder({ runId, table, clock });
  const start = (): void => frames.note({ type: 'toolCall.started', ...subject });
  const finish = (ms: number, state: 'done' | 'failed' = 'done'): void =>
    frames.note({
      type: 'toolCall.finished',
      ...subject,
      startedAtMs: 0,
      output: '',
      outputBytes: 0,
      waitMs: 0,
      ms,
      state,
    });
  return { clock, table, frames, start, finish };
}

function rowsOf(frames: { encode(fromRow: number): Uint8Array }, fromRow = 0): Record<string, number>[] {
  const { rows, columns } = decodeTable(runFrames, frames.encode(fromRow));
  const of = (row: number) => Object.entries(columns).map(([name, column]) => [name, column[row]]);
  return Array.from({ length: rows }, (_, row) => Object.fromEntries(of(row)) as Record<string, number>);
}

test('a row holds what happened since the last one, and how things stand', async () => {
  const { clock, table, frames, start, finish } = openFrames();
  for (let ms = 1; ms <= 100; ms++) {
    start();
    finish(ms, ms === 7 ? 'failed' : 'done');
  }
  start();
  table.note({ type: 'agent.changed', runId, atMs: 0, agent: 0, state: 'asking' });
  await clock.advance(1_000);
  const values = frames.take(clock.nowMs(), OWN);
  const [row] = rowsOf(frames);
  expect(row).toMatchObject({ atMs: clock.nowMs(), seconds: 1, toolCalls: 100, toolCallsFailed: 1, turns: 0 });
  expect(row).toMatchObject({ running: 1, waiting: 2, agents: 1, gcPauseMs: 2, loopDelayP99Ms: 3, rssBytes: 4_096 });
  expect(row!['callP50Ms']).toBeGreaterThan(48);
  expect(row!['callP50Ms']).toBeLessThan(52);
  expect(row!['callP99Ms']).toBeGreaterThan(96);
  expect(row!['callP99Ms']).toBeLessThan(102);
  expect(values).toMatchObject({ 'run.R.toolCalls': 100, 'run.R.waiting': 2, 'run.R.rssBytes': 4_096 });
  await clock.advance(500);
  expect(frames.take(clock.nowMs(), undefined)).toEqual({
    'run.R.atMs': clock.nowMs(),
    'run.R.seconds': 0.5,
    'run.R.toolCalls': 0,
    'run.R.toolCallsFailed': 0,
    'run.R.turns': 0,
    'run.R.outputTokens': 0,
    'run.R.running': 1,
    'run.R.waiting': 2,
    'run.R.agents': 1,
  });
  expect(rowsOf(frames, 1)).toMatchObject([{ toolCalls: 0, callP50Ms: NaN, gcPauseMs: NaN }]);
});

test('each row keeps its number: who has seen some is given those after them', () => {
  const { frames } = openFrames();
  for (let row = 0; row < 101; row++) frames.take(row, undefined);
  expect(rowsOf(frames).map(({ atMs }) => atMs)).toEqual(Array.from({ length: 101 }, (_, row) => row));
  for (let row = 101; row < 5_000; row++) frames.take(row, undefined);
  expect(frames.count).toBe(5_000);
  expect(rowsOf(frames, 4_998).map(({ atMs }) => atMs)).toEqual([4_998, 4_999]);
  expect(rowsOf(frames, 5_000)).toEqual([]);
});

test('a run of three hours is kept whole in a few rows: what happened in it adds up, and its peak stays', async () => {
  const { clock, frames, finish } = openFrames();
  for (let second = 0; second < 3 * 3_600; second++) {
    finish(second === 60 ? 900 : 1);
    await clock.advance(1_000);
    frames.take(clock.nowMs(), OWN);
  }
  const rows = rowsOf(frames);
  const sum = (column: string): number => rows.reduce((total, row) => total + row[column]!, 0);
  expect(sum('toolCalls')).toBe(10_800);
  expect(sum('seconds')).toBeCloseTo(10_800, 6);
  expect(rows.length).toBeLessThan(1_100);
  expect(Math.max(...rows.map((row) => row['callP99Ms']!))).toBeGreaterThan(800);
  expect(rows.slice(-600).every(({ seconds }) => seconds === 1)).toBe(true);
});

test('whoever watches hears of each row until it looks away, and of the last one as the last', () => {
  const { frames } = openFrames();
  const heard: (number | string)[] = [];
  const watching = frames.watch(() => heard.push(frames.isEnded ? 'end' : frames.count));
  using _other = frames.watch(() => heard.push('other'));
  frames.take(1, undefined);
  watching[Symbol.dispose]();
  frames.take(2, undefined);
  using _late = frames.watch(() => heard.push(frames.isEnded ? 'end' : frames.count));
  frames.end(3, undefined);
  expect(heard).toEqual([1, 'other', 'other', 'other', 'end']);
  expect(frames.count).toBe(3);
});

test('a run shorter than a second has one row, also in history, and its last event is its end', async () => {
  const tools = scriptedTools({ read_file: () => 'x' });
  const ask = (turns: number) => (turns === 1 ? { toolCalls: [requested('read_file', {})] } : { text: 'x' });
  await using fleets = openTestFleets(async ({ messages }) => reply(ask(messages.length)), tools);
  const run = await fleets.launch(planOf(3));
  await run.settled;
  expect(run.frames.isEnded).toBe(true);
  expect(rowsOf(run.frames)).toMatchObject([{ toolCalls: 3, turns: 6, outputTokens: 30, running: 0, agents: 0 }]);
  const [frame] = fleets.sink.of('metric.frame');
  expect(frame!.values).toMatchObject({ [`run.${run.runId}.toolCalls`]: 3, [`run.${run.runId}.turns`]: 6 });
  expect(fleets.sink.events.at(-1)).toMatchObject({ type: 'run.changed', state: 'done' });
});

test("each frame of the process ends a second of every live run, with the process's own figures", async () => {
  const sources = new Set<FrameSource>();
  const metrics = {
    latest: OWN as MetricValues,
    add(source: FrameSource): Disposable {
      sources.add(source);
      return { [Symbol.dispose]: () => void sources.delete(source) };
    },
  };
  const fleets = openTestFleets(neverAnswers, scriptedTools({}), undefined, metrics);
  const runs = [await fleets.launch(planOf(1)), await fleets.launch(planOf(1))];
  const [source] = sources;
  const values = source!(5, OWN);
  for (const run of runs) {
    expect(values).toMatchObject({ [`run.${run.runId}.atMs`]: 5, [`run.${run.runId}.gcPauseMs`]: 2 });
    expect(run.frames.count).toBe(1);
  }
  await fleets.stop(runs[0]!.runId, 1);
  expect(rowsOf(runs[0]!.frames).at(-1)).toMatchObject({ rssBytes: 4_096 });
  expect(Object.keys(source!(6, OWN)).some((key) => key.startsWith(`run.${runs[0]!.runId}.`))).toBe(false);
  await fleets[Symbol.asyncDispose]();
  expect(sources.size).toBe(0);
});

test('an observer sees every event as it leaves, after the table took it in, until it looks away', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const run = await fleets.launch(planOf(2));
  const seen: unknown[] = [];
  const before = fleets.sink.events.length;
  const observing = run.observe((event) => {
    seen.push(event);
    const isTaken = event.type !== 'agent.changed' || run.table.stateOf(event.agent) === event.state;
    expect([fleets.sink.events.at(-1), isTaken]).toEqual([event, true]);
  });
  let fewSeen = 0;
  using _few = run.observe(() => (fewSeen += 1));
  await run.settled;
  expect(seen).toEqual(fleets.sink.events.slice(before).filter(({ type }) => type !== 'metric.frame'));
  expect(fewSeen).toBe(seen.length);
  observing[Symbol.dispose]();
});
