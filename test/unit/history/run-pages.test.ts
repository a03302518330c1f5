import { expect, test } from 'vitest';
import type { AgentLogItem } from '../../../shared/contract/run-schemas.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import { agentNames, agentRows } from '../../../shared/table/agent-tables.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';
import { outlineOf } from '../../../main/history/reader/review/run-outline.ts';
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
import { readTable } from '../../support/runs/run-readings.ts';

const AT = 1_790_000_000_000;

function changed(
  agent: number,
  atMs: number,
  part: Partial<Extract<RuntimeEvent, { type: 'agent.changed' }>>,
): RuntimeEvent {
  return { type: 'agent.changed', runId: RUN, atMs: AT + atMs, agent, state: 'asking', ...part };
}

const keysOf = (items: readonly AgentLogItem[]): string[] =>
  items.map((item) => ('key' in item ? item.key : item.kind));

test('a log is read backwards page by page: nothing twice, nothing left out, each page in order', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(launched(2));
  for (let n = 1; n <= 150; n++)
    history.write([
      turn(0, n, { startedAtMs: AT + n * 10, toolCalls: requested(2 * n - 1, 2 * n) }),
      turn(1, n, { startedAtMs: AT + n * 10 }),
      call(0, 2 * n, { turn: n, startedAtMs: AT + n * 10 + 2 }),
      call(0, 2 * n - 1, { turn: n, startedAtMs: AT + n * 10 + 2 }),
      ...(n % 50 === 0
        ? [changed(0, n * 10 + 5, { state: 'retrying', reason: 'busy', untilMs: AT + n * 10 + 8 })]
        : []),
    ]);
  history.write([{ type: 'notice', runId: RUN, atMs: AT + 1_600, agent: 0, level: 'warning', text: 'look here' }]);
  history.write([
    changed(0, 2_000, { state: 'failed', stop: { kind: 'failed', code: 'X', message: 'gave up' }, answer: 'half' }),
  ]);
  const all: AgentLogItem[] = [];
  let pages = 0;
  for (let before: string | undefined, hasMore = true; hasMore; pages++) {
    const page = history.calls.logPage({ runId: RUN, agent: 0, before });
    expect(page.items.length).toBeLessThanOrEqual(202);
    expect(page.state).toBe('failed');
    all.unshift(...page.items);
    before = page.older;
    hasMore = before !== undefined;
  }
  expect(pages).toBe(3);
  expect(keysOf(all).slice(0, 4)).toEqual(['prompt', `turn:1.1@${AT + 10}`, 'call:1', 'call:2']);
  expect(all.slice(-3)).toMatchObject([
    { kind: 'notice', text: 'look here' },
    { kind: 'answer', text: { text: 'half', chars: 4 } },
    { kind: 'state', state: 'failed', reason: 'gave up' },
  ]);
  expect(new Set(keysOf(all)).size).toBe(all.length);
  expect(all.length).toBe(1 + 150 + 300 + 3 + 1 + 2);
  const times = all.slice(1).map((item) => ('atMs' in item ? item.atMs : 0));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

test('what began in the same millisecond stands in the order of turns, a turn before its calls, the end last', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const startedAtMs = AT + 5;
  history.write([
    ...launched(1),
    changed(0, 5, { state: 'done', stop: { kind: 'answered' }, answer: 'Done.' }),
    ...[1, 2].flatMap((n) => [turn(0, n, { startedAtMs }), call(0, n, { turn: n, startedAtMs })]),
  ]);
  const { items } = history.calls.logPage({ runId: RUN, agent: 0 });
  expect(keysOf(items)).toEqual([
    'prompt',
    `turn:1.1@${startedAtMs}`,
    'call:1',
    `turn:2.1@${startedAtMs}`,
    'call:2',
    `answer@${startedAtMs}`,
    `state:done@${startedAtMs}`,
  ]);
});

test('a log cuts long texts and says how long they are, and a page ends early at much text', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const output = `${'x'.repeat(7_999)}🚀 and more`;
  history.write([...launched(1), ...Array.from({ length: 200 }, (_, n) => call(0, n + 1, { output }))]);
  history.write([turn(0, 2, { startedAtMs: AT + 999, text: 'y'.repeat(30_000) })]);
  const { items, older } = history.calls.logPage({ runId: RUN, agent: 0 });
  expect(items.length).toBeLessThan(150);
  expect(older).toBeDefined();
  // Half a character is not shown.
  expect(items[0]).toMatchObject({ kind: 'toolCall', output: { text: 'x'.repeat(7_999), chars: output.length } });
  expect(items.at(-1)).toMatchObject({ kind: 'turn', text: { text: 'y'.repeat(20_000), chars: 30_000 } });
  expect(() => history.calls.logPage({ runId: RUN, agent: 0, before: '1.2.3' })).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  );
  expect(history.calls.logPage({ runId: RUN, agent: 7 })).toEqual({ items: [] });
});

test('agents come with the sums of their turns and calls, why they ended, and the model their fleet names', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const [launch, ...rest] = launched(4);
  const fleetText = 'model: m/default\nagents:\n  - name: agent\n    count: 4\n';
  history.write([
    { ...launch!, fleetText, overrides: {} } as RuntimeEvent,
    ...rest,
    turn(0, 1, { state: 'broken', usage: undefined, costUsd: undefined }),
    turn(0, 1, { attempt: 2 }),
    turn(0, 2, { model: 'other' }),
    call(0, 1),
    call(0, 2, { state: 'failed' }),
    callStart(0, 3),
    turn(1, 1, { costUsd: undefined }),
    changed(0, 50, { state: 'done', stop: { kind: 'answered' }, answer: `  All\n\n is well ${'z'.repeat(200)}` }),
    changed(1, 60, { state: 'limit reached', stop: { kind: 'limit', limit: 'turns', at: 1 }, answer: 'so far' }),
    changed(2, 70, { state: 'paused', reason: 'by hand' }),
  ]);
  const page = history.calls.agentPage({ runId: RUN })!;
  expect(page.next).toBeUndefined();
  expect(readTable(agentNames, page.names).map(({ model }) => model)).toEqual([
    'sim/default',
    'sim/default',
    'm/default',
    'm/default',
  ]);
  const rows = readTable(agentRows, page.rows);
  expect(rows[0]).toMatchObject({
    turns: 2,
    retries: 1,
    toolCalls: 2,
    toolCallsFailed: 1,
    inputTokens: 20,
    outputTokens: 10,
    costUsd: 0.02,
  });
  expect(rows[0]).toMatchObject({ startedAtMs: AT + 1, endedAtMs: AT + 50, sinceMs: AT + 50 });
  expect(rows[0]!['detail']).toMatch(/^All is well z+…$/);
  expect(String(rows[0]!['detail'])).toHaveLength(120);
  expect(rows[1]).toMatchObject({ state: 'limit reached', detail: 'turns: 1', costUsd: Number.NaN });
  expect(rows[2]).toMatchObject({ state: 'paused', detail: 'by hand', endedAtMs: 0, startedAtMs: 0 });
  expect(rows[3]).toMatchObject({ state: 'queued', turns: 0, costUsd: 0 });
  expect(history.calls.agentPage({ runId: 'other' })).toBeUndefined();
});

test('an agent that was run again counts from its last beginning, with what it had worked before', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const running = (atMs: number, state: 'running' | 'paused' | 'stopped' = 'running'): RuntimeEvent => ({
    type: 'run.changed',
    runId: RUN,
    atMs: AT + atMs,
    state,
  });
  history.write([...launched(1), changed(0, 0, { state: 'asking' })]);
  history.write([
    turn(0, 1, { startedAtMs: AT }),
    running(40, 'paused'),
    running(50),
    changed(0, 100, { state: 'stopped' }),
    running(100, 'stopped'),
  ]);
  const before = readTable(agentRows, history.calls.agentPage({ runId: RUN })!.rows)[0]!;
  expect(before).toMatchObject({ startedAtMs: AT, busyMs: 0 });
  history.write([running(5_000), changed(0, 5_000, { state: 'asking' })]);
  history.write([
    turn(0, 2, { startedAtMs: AT + 5_000 }),
    changed(0, 5_030, { state: 'done', stop: { kind: 'answered' } }),
  ]);
  const after = readTable(agentRows, history.calls.agentPage({ runId: RUN })!.rows)[0]!;
  expect(after).toMatchObject({ startedAtMs: AT + 5_000, endedAtMs: AT + 5_030, busyMs: 100 });
});

test('pages of many agents follow one another', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(launched(6_000));
  const agents: number[] = [];
  let pages = 0;
  for (let after: number | undefined, hasMore = true; hasMore; pages++) {
    const page = history.calls.agentPage({ runId: RUN, after })!;
    agents.push(...readTable(agentRows, page.rows).map(({ agent }) => Number(agent)));
    after = page.next;
    hasMore = after !== undefined;
  }
  expect([pages, agents]).toEqual([3, Array.from({ length: 6_000 }, (_, agent) => agent)]);
});

test('figures are folded: counts added, peaks the largest, levels the last, and frames of other runs left out', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const frame = (second: number, runId: string, values: Record<string, number>): RuntimeEvent => ({
    type: 'metric.frame',
    atMs: AT + second * 1_000,
    values: {
      'main.rssBytes': 1_000 + second,
      ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`run.${runId}.${key}`, value])),
    },
  });
  history.write(launched(1));
  for (let second = 1; second <= 900; second++)
    history.write([
      frame(second, second > 890 ? 'another' : RUN, {
        seconds: 1,
        toolCalls: 2,
        callP99Ms: second,
        running: second % 7,
      }),
    ]);
  expect(history.calls.countFrames(AT, AT + 900_000)).toBe(900);
  const rows: Record<string, number | string>[] = [];
  let pages = 0;
  for (let afterMs: number | undefined = AT; afterMs !== undefined; pages++) {
    const page = history.calls.framePage({ runId: RUN, afterMs, toMs: AT + 2_000_000, fold: 3 });
    if (page.frames) rows.push(...readTable(runFrames, page.frames));
    afterMs = page.next;
  }
  expect([pages, rows.length]).toEqual([3, 297]);
  expect(rows[0]).toMatchObject({
    atMs: AT + 3_000,
    seconds: 3,
    toolCalls: 6,
    callP99Ms: 3,
    running: 3,
    rssBytes: 1_003,
    callP50Ms: Number.NaN,
  });
  expect(rows.at(-1)).toMatchObject({ seconds: 2, toolCalls: 4, callP99Ms: 890 });
});

test('the time of an agent: asking without its permit, calls of a turn sharing what passed, waits until it went on', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([
    ...launched(1),
    turn(0, 1, { startedAtMs: AT + 1_000, waitMs: 100, ms: 600 }),
    // 300 ms pass for 400 ms of calls: each counts three quarters of what it took, a half of that waited for.
    call(0, 1, { startedAtMs: AT + 1_600, waitMs: 50, ms: 100 }),
    call(0, 2, { tool: 'shell', startedAtMs: AT + 1_600, waitMs: 150, ms: 300 }),
    changed(0, 1_900, { state: 'retrying', untilMs: AT + 2_000 }),
    turn(0, 2, { startedAtMs: AT + 2_000, waitMs: 0, ms: 100 }),
    changed(0, 2_100, { state: 'paused' }),
    turn(0, 3, { startedAtMs: AT + 2_500, waitMs: 0, ms: 500 }),
    changed(0, 3_000, { state: 'done', stop: { kind: 'answered' }, answer: 'Done.' }),
  ]);
  expect(history.calls.agentSpans({ runId: RUN, agent: 0 })).toEqual({
    state: 'done',
    addedAtMs: AT,
    startedAtMs: AT + 1_000,
    endedAtMs: AT + 3_000,
    runningMs: 0,
    askingMs: 1_100,
    permitMs: 100,
    retryMs: 100,
    pausedMs: 400,
    awayMs: 0,
  });
  expect(history.calls.callTimes({ runId: RUN, agent: 0 })).toEqual({
    tools: [
      { tool: 'read_file', calls: 1, ms: 37.5 },
      { tool: 'shell', calls: 1, ms: 112.5 },
    ],
    waitMs: 150,
  });
  expect(history.calls.agentSpans({ runId: RUN, agent: 1 })).toBeUndefined();
});

test('the time of a program: it has begun when it runs, and what it ran counts until now, then until its end, without its pause', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const begun = launched(1).map<RuntimeEvent>((event) =>
    event.type === 'agent.added' ? { ...event, kind: 'command' as const } : event,
  );
  history.write([...begun, changed(0, 500, { state: 'running tools' })]);
  const subject = { runId: RUN, agent: 0 };
  expect(history.calls.agentSpans({ ...subject, nowMs: AT + 1_500 })).toMatchObject({
    startedAtMs: AT + 500,
    endedAtMs: undefined,
    runningMs: 1_000,
  });
  history.write([changed(0, 2_000, { state: 'paused' }), changed(0, 2_400, { state: 'running tools' })]);
  expect(history.calls.agentSpans({ ...subject, nowMs: AT + 2_500 })).toMatchObject({ runningMs: 1_600 });
  history.write([changed(0, 3_000, { state: 'done', stop: { kind: 'answered' }, answer: 'Done.' })]);
  expect(history.calls.agentSpans(subject)).toMatchObject({ runningMs: 2_100, endedAtMs: AT + 3_000 });
});

test('the calls of an agent are summed page by page, no turn torn apart', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(launched(1));
  // Three calls a turn: the twenty thousandth is in the middle of one.
  for (let turn = 1; turn <= 7_000; turn++)
    history.write([0, 1, 2].map((n) => call(0, turn * 3 + n, { turn, startedAtMs: AT, waitMs: 0, ms: 3 })));
  const first = history.calls.callTimes({ runId: RUN, agent: 0 });
  const second = history.calls.callTimes({ runId: RUN, agent: 0, after: first.next });
  expect(first.tools[0]!.calls % 3).toBe(0);
  expect(first.tools[0]!.calls + second.tools[0]!.calls).toBe(21_000);
  expect(first.tools[0]!.ms + second.tools[0]!.ms).toBeCloseTo(21_000, 3);
  expect(second.next).toBeUndefined();
});

test('an outline names models, programs, budget and results, as they were set over the file', () => {
  const fleetText = `provider: openai
model: big
budget: { usd: 5 }
output: { results: out/results.jsonl }
agents:
  - { name: one, prompt: x }
  - { name: two, model: sim/small, provider: sim }
  - { name: three, kind: command, command: [make, all] }
`;
  const outline = outlineOf({
    fleetText,
    fleetPath: '/fleets/fleet.yaml',
    overrides: { model: 'huge', 'budget.tokens': '100' },
  });
  expect(outline).toMatchObject({
    uses: ['huge (openai)', 'sim/small (sim)', 'make'],
    budget: { usd: 5, tokens: 100 },
    resultsPath: '/fleets/out/results.jsonl',
  });
  for (const broken of ['', ': [', '- 1', 'agents: 7\nbudget: lots', '&a [*a]'])
    expect(outlineOf({ fleetText: broken, fleetPath: '/f.yaml', overrides: {} })).toMatchObject({
      uses: [],
      budget: {},
    });
});

test('a run is found with its newest notices', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const notice = (n: number): RuntimeEvent => ({
    type: 'notice',
    runId: RUN,
    atMs: AT + n,
    level: 'info',
    text: `notice ${n}`,
  });
  history.write([...launched(1), ...Array.from({ length: 60 }, (_, n) => notice(n)), ...ended(1)]);
  const notices = history.calls.runNotices(RUN);
  expect([notices.length, notices[0]]).toEqual([50, { atMs: AT + 59, level: 'info', text: 'notice 59' }]);
  expect(history.calls.runOutline(RUN)).toMatchObject({ uses: [], budget: {} });
});
