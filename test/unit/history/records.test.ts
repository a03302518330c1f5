import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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

describe('what is emitted is what is read', () => {
  test('a call that begins and ends in one batch is one row, and one that ends in a later batch too', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(), callStart(0, 1), call(0, 1), callStart(0, 2)]);
    expect(history.calls.callPage({ runId: RUN }).items.map(({ state }) => state)).toEqual(['done', 'running']);
    history.write([
      call(0, 2, { output: 'größer 🚀', state: 'failed', error: { code: 'TOOL_FAILED', message: 'no' } }),
    ]);
    const { items } = history.calls.callPage({ runId: RUN });
    expect(items).toHaveLength(2);
    expect(items[1]).toMatchObject({
      state: 'failed',
      output: 'größer 🚀',
      error: { code: 'TOOL_FAILED' },
      waitMs: 0.5,
      ms: 2,
    });
    expect(history.calls.getRun(RUN)).toMatchObject({ toolCalls: 2, toolCallsFailed: 1 });
  });

  test('a turn keeps its text, calls, usage and attempts; an absent figure stays absent', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([
      ...launched(1),
      turn(0, 1, {
        state: 'broken',
        text: 'half',
        usage: undefined,
        costUsd: undefined,
        error: { code: 'PROVIDER_STALLED', message: 'x' },
      }),
      turn(0, 1, { attempt: 2, text: 'whole', toolCalls: requested(1, 2), costUsd: undefined }),
    ]);
    const [broken, done] = history.calls.turnPage({ runId: RUN }).items;
    expect(broken).toMatchObject({ state: 'broken', text: 'half', attempt: 1, error: { code: 'PROVIDER_STALLED' } });
    expect(broken).not.toHaveProperty('inputTokens');
    expect(done).toMatchObject({
      state: 'done',
      attempt: 2,
      text: 'whole',
      toolCalls: requested(1, 2),
      inputTokens: 10,
    });
    expect(history.calls.getRun(RUN)).toMatchObject({
      turns: 1,
      retries: 1,
      inputTokens: 10,
      costUsd: 0,
      unpricedTurns: 1,
    });
  });

  test('arguments and output over the cap are cut with a mark that says how long they were', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(1), call(0, 1, { output: 'é'.repeat(65_536) })]);
    const output = history.calls.callPage({ runId: RUN }).items[0]!.output!;
    expect(output).toMatch(/^é+\n\[cut: 131072 bytes in all\]$/);
    expect(Buffer.byteLength(output)).toBeLessThan(65_536 + 64);
  });

  test('a run that is launched is found by the beginning of its id and has its source', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    expect(() => history.calls.getRun('01K')).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }));
    history.write([...launched(1), ...ended(1)]);
    expect(history.calls.getRun('01k')).toMatchObject({
      runId: RUN,
      state: 'done',
      agents: 1,
      agentsDone: 1,
      failed: 0,
    });
    expect(history.calls.runSource(RUN)).toMatchObject({ fleetText: 'flotilla: 1', overrides: { 'limits.turns': 5 } });
    expect(history.calls.verify()).toEqual([]);
  });

  test('a batch that fails half-way leaves nothing behind and can be written again', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(1), callStart(0, 1)]);
    expect(() => history.write([call(0, 1), call(0, 2, { agent: -1.5 })])).toThrow('cannot store REAL');
    expect(history.calls.callPage({ runId: RUN }).items).toMatchObject([{ state: 'running' }]);
    expect(history.calls.getRun(RUN).toolCalls).toBe(0);
  });
});

describe('pages', () => {
  test('walking runs page by page gives each run once, newest first, whatever the page size', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    const ids = Array.from({ length: 23 }, (_, index) => `01K${String((index * 7) % 23).padStart(23, '0')}`);
    history.write(ids.flatMap((id) => launched(0, id)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (limit) => {
        const seen: string[] = [];
        for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
          const page = history.calls.listRuns({ limit, after });
          expect(page.runs.length).toBeLessThanOrEqual(limit);
          seen.push(...page.runs.map(({ runId }) => runId));
          after = page.next;
        }
        expect(seen).toEqual(ids.toSorted().toReversed());
      }),
    );
  });

  test('walking the calls of a run gives each once although a page ends early for its size', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([
      ...launched(1),
      ...Array.from({ length: 120 }, (_, n) => call(0, n + 1, { output: 'x'.repeat(60_000) })),
    ]);
    const seen: number[] = [];
    let pageCount = 0;
    for (let after: number | undefined, first = true; first || after !== undefined; first = false) {
      const page = history.calls.callPage({ runId: RUN, after });
      pageCount++;
      seen.push(...page.items.map((item) => item.call));
      after = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
    expect(pageCount).toBeGreaterThan(2);
  });
});

describe('the ledger', () => {
  function recorded(directory: string, lines: string) {
    const ledger = join(directory, 'calls.log');
    writeFileSync(ledger, lines);
    return ledger;
  }

  test('equal sides have nothing lost and nothing duplicated, with a torn last line left out', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(1), turn(0, 1, { toolCalls: requested(1, 2) }), call(0, 1), call(0, 2), ...ended(1)]);
    const ledger = recorded(directory.path, '0-1\n0-2\n');
    expect(history.calls.checkLedger(RUN, ledger)).toEqual({ lost: 0, duplicated: 0 });
    appendFileSync(ledger, '0-7');
    expect(history.calls.checkLedger(RUN, ledger)).toEqual({ lost: 0, duplicated: 0 });
  });

  test('a dropped call, one that history does not know and one that was never made are lost', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(1), turn(0, 1, { toolCalls: requested(1, 2, 3) }), call(0, 1), call(0, 2), ...ended(1)]);
    expect(history.calls.checkLedger(RUN, recorded(directory.path, '0-1\n0-9\n'))).toEqual({ lost: 3, duplicated: 0 });
  });

  test('calls that never reached their tool need not be in the ledger', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([
      ...launched(1),
      call(0, 1, { state: 'denied', error: { code: 'TOOL_DENIED', message: '' } }),
      call(0, 2, { state: 'failed', error: { code: 'TOOL_ARGUMENTS_INVALID', message: '' } }),
      call(0, 3, { state: 'cancelled' }),
      call(0, 4, { state: 'failed', error: { code: 'TOOL_FAILED', message: '' } }),
    ]);
    expect(history.calls.checkLedger(RUN, join(directory.path, 'none'))).toEqual({ lost: 1, duplicated: 0 });
  });

  test('a call that ran twice is noticed on either side', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([...launched(1), callStart(0, 1), call(0, 1), call(0, 1), call(0, 2), ...ended(1)]);
    expect(history.calls.checkLedger(RUN, recorded(directory.path, '0-1\n0-2\n0-2\n'))).toEqual({
      lost: 0,
      duplicated: 2,
    });
    expect(history.calls.verify()).toEqual([`Call 0-1 of run ${RUN} is recorded 2 times.`]);
  });
});

describe('recorded sessions', () => {
  test('a session goes on from its last completed turn, with what was in flight named', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    history.write([
      ...launched(1),
      turn(0, 1, { text: 'first', toolCalls: requested(1) }),
      call(0, 1),
      turn(0, 2, { text: 'second', toolCalls: requested(2, 3) }),
      call(0, 2, { turn: 2 }),
      callStart(0, 3, { turn: 2 }),
    ]);
    const [session] = history.calls.recordedSessionPage({ runId: RUN }).items;
    expect(session).toMatchObject({
      agent: 0,
      turns: 2,
      toolCalls: 2,
      lastCall: 3,
      inputTokens: 20,
      costUsd: 0.02,
      answer: 'second',
    });
    expect(session!.messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant', 'tool']);
    expect(session!.unknownCalls).toEqual([
      { call: 3, providerCallId: 'call_3', tool: 'read_file', argumentsJson: '{"path":"file-3.ts"}' },
    ]);
  });

  test('an agent that failed and is run again begins a conversation of its own', () => {
    using directory = temporaryDirectory();
    using history = writeHistory(directory.path);
    const failed = { type: 'agent.changed', runId: RUN, atMs: 1, agent: 0, state: 'failed' } as const;
    history.write([
      ...launched(1),
      turn(0, 1, { text: 'before' }),
      failed,
      { type: 'run.changed', runId: RUN, atMs: 2, state: 'done' },
    ]);
    history.write([{ type: 'run.changed', runId: RUN, atMs: 3, state: 'running' }, turn(0, 2, { text: 'after' })]);
    const [session] = history.calls.recordedSessionPage({ runId: RUN }).items;
    expect(session!.messages).toEqual([{ role: 'assistant', text: 'after', toolCalls: [] }]);
    expect(session!.turns).toBe(2);
  });
});
