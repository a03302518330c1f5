import { expect, test } from 'vitest';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import { RunJournal } from '../../../main/rpc/run-journal.ts';
import { streamLog } from '../../../main/runs/agent-log.ts';
import { streamAgents } from '../../../main/runs/agents-stream.ts';
import { streamFigures } from '../../../main/runs/figures-stream.ts';
import type { RunRooms } from '../../../main/runs/run-rooms.ts';
import { readRunView } from '../../../main/runs/run-view.ts';
import { createRecordedReports, readRecordedReport } from '../../../main/runs/recorded-reports.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { RunReport } from '../../../shared/model/run-summary.ts';
import { agentNames, agentRows } from '../../../shared/table/agent-tables.ts';
import { isTableOf } from '../../../shared/table/decode-table.ts';
import {
  call,
  callStart,
  ended,
  launched,
  requested,
  RUN,
  temporaryDirectory,
  turn,
} from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { readFigures, readTable, type Reading } from '../../support/runs/run-readings.ts';
import { scriptedRun, type ScriptedRun } from '../../support/runs/scripted-run.ts';

interface Scene extends AsyncDisposable {
  readonly rooms: RunRooms;
  readonly clock: ManualClock;
  readonly run: ScriptedRun;
  /** Records and emits at once, as a run does. */
  happen(...events: RuntimeEvent[]): void;
  readonly signal: AbortSignal;
  abort(): void;
}

async function openScene(agents: number): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const history = stack.use(writeHistory(directory.path));
  history.write(launched(agents));
  const reader = stack.use(await openHistoryReader({ dataDir: directory.path }));
  const clock = manualClock();
  const journal = new RunJournal({ clock, report: async () => ({ lost: 0 }) as RunReport });
  const run = scriptedRun(RUN, agents);
  journal.attach(run);
  const aborting = new AbortController();
  return {
    rooms: { journal, history: { reader, flush: async () => {} }, clock, dataDir: directory.path },
    clock,
    run,
    happen(...events) {
      history.write(events);
      for (const event of events) run.emit(event);
    },
    signal: aborting.signal,
    abort: () => aborting.abort(new Error('The receiver has gone.')),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const doneAgent = (agent: number): RuntimeEvent => ended(agent + 1)[agent]!;

/** Takes the next item, letting time pass while there is none. */
async function nextOf<Item>(items: AsyncIterator<Item>, clock: ManualClock): Promise<Item | undefined> {
  const pending = items.next();
  const settled = pending.then(() => true);
  const notYet = async (): Promise<false> => {
    await clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
    return false;
  };
  for (let looks = 0; !(await Promise.race([settled, notYet()])); looks++)
    if (looks === 50) throw new Error('No item came.');
  const result = await pending;
  return result.done ? undefined : result.value;
}

test('agents come all first, in pieces, then those that changed, each once, and the last before the end', async () => {
  await using scene = await openScene(3_000);
  scene.happen(callStart(5, 1));
  const items = streamAgents(scene.rooms, RUN, scene.signal)[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  for (let piece = 0; piece < 4; piece++) {
    pieces.push((await nextOf(items, scene.clock))!);
    // Its piece has gone already: it must come again.
    if (piece === 1) scene.happen(callStart(6, 1));
  }
  expect(pieces.map((piece) => (isTableOf(agentNames, piece) ? 'names' : 'rows'))).toEqual([
    'names',
    'rows',
    'names',
    'rows',
  ]);
  expect(pieces.flatMap((piece) => (isTableOf(agentRows, piece) ? readTable(agentRows, piece) : [])).length).toBe(
    3_000,
  );
  // While nobody takes anything, many changes of an agent are one row.
  scene.happen(...[1, 2, 3].flatMap((n) => [callStart(7, n), call(7, n)]), callStart(2_999, 1));
  const changed = readTable(agentRows, (await nextOf(items, scene.clock))!);
  expect(changed.map(({ agent, toolCalls }) => [agent, toolCalls])).toEqual([
    [6, 0],
    [7, 3],
    [2_999, 0],
  ]);
  scene.happen(call(2_999, 1), doneAgent(7));
  scene.run.become({ state: 'done' });
  const last = readTable(agentRows, (await nextOf(items, scene.clock))!);
  expect(last.map(({ agent, state, toolCalls }) => [agent, state, toolCalls])).toEqual([
    [7, 'done', 3],
    [2_999, 'queued', 1],
  ]);
  expect(await nextOf(items, scene.clock)).toBeUndefined();
  expect(scene.clock.pendingCount).toBe(0);
});

test('a receiver that goes leaves nothing behind: no timer, no listener', async () => {
  await using scene = await openScene(1);
  const agents = streamAgents(scene.rooms, RUN, scene.signal)[Symbol.asyncIterator]();
  const log = streamLog(scene.rooms, { runId: RUN, agent: 0 }, scene.signal);
  await nextOf(agents, scene.clock);
  await nextOf(agents, scene.clock);
  await nextOf(log, scene.clock);
  await nextOf(log, scene.clock);
  expect(scene.run.observers).toBe(1);
  const waiting = [agents.next().catch(() => undefined), log.next()];
  await new Promise((resolve) => setImmediate(resolve));
  scene.abort();
  await Promise.all(waiting);
  expect([scene.run.observers, scene.clock.pendingCount]).toEqual([0, 0]);
});

test('figures come as far as they are kept, then each second, until the run has ended', async () => {
  await using scene = await openScene(1);
  scene.run.second(1);
  scene.run.second(2);
  const items = streamFigures(scene.rooms, RUN, scene.signal);
  const read = readFigures({ [Symbol.asyncIterator]: () => items });
  await new Promise((resolve) => setImmediate(resolve));
  scene.run.second(3);
  await new Promise((resolve) => setImmediate(resolve));
  scene.run.second(4);
  scene.run.become({ state: 'done' });
  expect((await read).map(({ toolCalls }: Reading) => toolCalls)).toEqual([1, 2, 3, 4]);
});

test('a log misses nothing that happens while its beginning is read, and ends with its agent', async () => {
  await using scene = await openScene(2);
  scene.happen(turn(0, 1, { toolCalls: requested(1) }));
  const { reader } = scene.rooms.history;
  const slow: RunRooms = {
    ...scene.rooms,
    history: {
      ...scene.rooms.history,
      reader: {
        ...reader,
        async logPage(request) {
          const page = await reader.logPage(request);
          // Recorded after the page was read: only the run itself tells of it.
          scene.happen(callStart(0, 1), callStart(1, 1));
          return page;
        },
      },
    },
  };
  const items = streamLog(slow, { runId: RUN, agent: 0 }, scene.signal);
  const seen = [];
  for (let item = 0; item < 4; item++) seen.push(await nextOf(items, scene.clock));
  expect(seen).toMatchObject([
    { kind: 'prompt' },
    { kind: 'turn', state: 'done' },
    { kind: 'baseline' },
    { kind: 'toolCall', state: 'running' },
  ]);
  scene.happen(call(0, 1), doneAgent(1), doneAgent(0));
  expect(await nextOf(items, scene.clock)).toMatchObject({
    key: 'call:1',
    state: 'done',
    output: { text: 'contents of file 1' },
  });
  expect(await nextOf(items, scene.clock)).toMatchObject({ kind: 'answer', text: { text: 'Done.' } });
  expect(await nextOf(items, scene.clock)).toMatchObject({ kind: 'state', state: 'done' });
  expect(await nextOf(items, scene.clock)).toBeUndefined();
  expect(scene.run.observers).toBe(0);
});

test('what a program prints is seen while it runs: its end only, a few times a second, and not again when it has ended', async () => {
  await using scene = await openScene(2);
  const { output } = scene.run;
  output.add(0, 'before it was opened\n', 5);
  const items = streamLog(scene.rooms, { runId: RUN, agent: 0 }, scene.signal);
  const next = () => nextOf(items, scene.clock);
  expect([await next(), await next()]).toMatchObject([{ kind: 'prompt' }, { kind: 'baseline' }]);
  expect(await next()).toMatchObject({ kind: 'output', key: 'output', atMs: 5, text: { chars: 21 } });
  output.add(1, 'of another', 6);
  for (let line = 0; line < 5_000; line++) output.add(0, `line ${line}\n`, 7);
  const tail = await next();
  if (tail?.kind !== 'output') throw new Error('No output came.');
  expect(tail.text.text.endsWith('line 4999\n')).toBe(true);
  expect(tail.text.text.length).toBe(8_000);
  expect(tail.text.chars).toBe(21 + Array.from({ length: 5_000 }, (_, line) => `line ${line}\n`).join('').length);
  output.add(0, 'the last', 8);
  scene.happen(doneAgent(0));
  output.forget(0);
  const rest = [await next(), await next(), await next()];
  expect(rest.map((item) => item?.kind)).toEqual(['answer', 'state', undefined]);
});

test('a receiver that is too slow begins anew instead of filling the memory', async () => {
  await using scene = await openScene(1);
  const items = streamLog(scene.rooms, { runId: RUN, agent: 0 }, scene.signal);
  expect(await nextOf(items, scene.clock)).toMatchObject({ kind: 'prompt' });
  scene.happen(...Array.from({ length: 2_500 }, (_, n) => call(0, n + 1, { startedAtMs: n })));
  expect(await nextOf(items, scene.clock)).toMatchObject({ kind: 'baseline' });
  expect(await nextOf(items, scene.clock)).toEqual({ kind: 'restart' });
  const again = [];
  for (let item = await nextOf(items, scene.clock); item && item.kind !== 'baseline';) {
    again.push(item);
    item = await nextOf(items, scene.clock);
  }
  expect(again.length).toBe(200);
  expect(again.at(-1)).toMatchObject({ key: 'call:2500' });
  scene.happen(doneAgent(0));
  expect(await nextOf(items, scene.clock)).toMatchObject({ kind: 'answer' });
});

test('a run that the journal has forgotten, or that died, is shown as history has it', async () => {
  await using scene = await openScene(1);
  const rooms = {
    ...scene.rooms,
    journal: new RunJournal({ clock: scene.clock, report: async () => ({}) as RunReport }),
  };
  const reports = createRecordedReports(rooms);
  const under = await readRunView(rooms, reports, RUN);
  expect(under).toMatchObject({ isLive: false, run: { state: 'running', agentsRunning: 0 }, report: undefined });
  await expect(readRecordedReport(rooms, reports, RUN)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  scene.happen(turn(0, 1), call(0, 1), ...ended(1));
  const over = await readRunView(rooms, reports, RUN);
  expect(over).toMatchObject({ run: { state: 'done', toolCalls: 1 }, report: undefined });
  const report = await readRecordedReport(rooms, reports, RUN);
  expect(report).toMatchObject({ latencyMs: { p50: 2 } });
  // The tools' own file is not here: nothing is said of lost calls, rather than that all were.
  expect(report).not.toHaveProperty('lost');
  const live = await readRunView(scene.rooms, reports, RUN);
  expect(live).toMatchObject({ isLive: true, settingsVersion: 3, uses: ['test-1 (test)'] });
});
