import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IngestSink } from '../../../main/history/ingest/ingest-sink.ts';
import type { RecordBatch } from '../../../main/history/ingest/record-batch.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import { call, launched, RUN } from '../../support/history-events.ts';

const limits = { flushMs: 50, batchRecords: 10, bufferRecords: 100, maxOutputBytes: 1_000 };

/** A sink whose writer and clock are held by the test. */
function heldSink(given = limits) {
  const sent: RecordBatch[] = [];
  let answered = 0;
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monoMs: () => nowMs,
    after: () => ({ keepAlive: () => undefined, [Symbol.dispose]: () => undefined }),
    sleep: async () => undefined,
  };
  const sink = new IngestSink({ limits: given, clock, send: (batch) => void sent.push(batch) });
  return {
    sink,
    sent,
    pass: (ms: number) => (nowMs += ms),
    answer: (tookMs = 0) => {
      const batch = sent[answered];
      if (!batch) return false;
      answered++;
      sink.hear({ kind: 'done', sequence: batch.sequence, tookMs, walBytes: 0, wordLag: 0 });
      return true;
    },
  };
}

test('room holds back above the bound, comes back when the writer has caught up, and no record is left out', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('emit', 'answer', 'flush'), { minLength: 50, maxLength: 600 }), (steps) => {
      const held = heldSink();
      let emitted = 0;
      for (const step of steps) {
        if (step === 'answer') held.answer();
        else if (step === 'flush') void held.sink.flush();
        else if (held.sink.room() === undefined) for (let n = 0; n < 7; n++) held.sink.emit(call(0, ++emitted));
        expect(held.sink.stats().pending).toBeLessThanOrEqual(limits.bufferRecords + limits.batchRecords + 7);
      }
      void held.sink.flush();
      while (held.answer());
      expect(held.sink.room()).toBeUndefined();
      expect(held.sent.reduce((sum, batch) => sum + batch.callCount, 0)).toBe(emitted);
      expect(held.sink.stats()).toMatchObject({ pending: 0, written: emitted });
    }),
  );
});

test('while the writer is behind, low-value records are sampled and counted, and calls, turns and ends are not', () => {
  const held = heldSink();
  for (const event of launched(0)) held.sink.emit(event);
  for (let n = 1; n <= 60; n++) held.sink.emit(call(0, n));
  for (let n = 0; n < 100; n++) held.sink.emit({ type: 'metric.frame', atMs: n, values: {} });
  for (let agent = 0; agent < 100; agent++)
    held.sink.emit({ type: 'agent.changed', runId: RUN, atMs: 1, agent, state: 'asking' });
  for (let agent = 0; agent < 100; agent++)
    held.sink.emit({ type: 'agent.changed', runId: RUN, atMs: 2, agent, state: 'done' });
  void held.sink.flush();
  while (held.answer());
  expect(held.sink.stats().sampledOut).toBe(180);
  expect(held.sink.stats().written).toBe(2 + 60 + 20 + 100);
});

test('trouble closes room at once although nothing waits, and its end opens it', async () => {
  const held = heldSink();
  held.sink.hear({ kind: 'trouble', error: { code: 'DISK_FULL', message: 'full' } });
  const room = held.sink.room();
  expect(room).toBeInstanceOf(Promise);
  expect(held.sink.stats().trouble).toMatchObject({ code: 'DISK_FULL' });
  held.sink.hear({ kind: 'trouble', error: undefined });
  await room;
  expect(held.sink.room()).toBeUndefined();
});

test('of an agent that passes from state to state a batch holds the last, after which a final state stands last', () => {
  const held = heldSink();
  for (const state of ['asking', 'running tools', 'asking', 'done'] as const)
    held.sink.emit({ type: 'agent.changed', runId: RUN, atMs: 1, agent: 0, state });
  void held.sink.flush();
  expect(held.sent[0]!.rare.map((event) => 'state' in event && event.state)).toEqual(['asking', 'done']);
});

test('long texts go in smaller batches, so that packing one never holds up main, and hold back before much waits', () => {
  const held = heldSink({ ...limits, batchRecords: 1_000, bufferRecords: 100_000, maxOutputBytes: 65_536 });
  const output = 'x'.repeat(60_000);
  let emitted = 0;
  while (held.sink.room() === undefined && emitted < 1_000) held.sink.emit(call(0, ++emitted, { output }));
  expect(Math.max(...held.sent.map(({ text }) => text.length))).toBeLessThan(2 ** 20);
  expect(emitted * output.length).toBeLessThan(17 * 2 ** 20);
  void held.sink.flush();
  while (held.answer());
  expect(held.sink.room()).toBeUndefined();
  expect(held.sent.reduce((sum, batch) => sum + batch.callCount, 0)).toBe(emitted);
});

test('a writer that has become slow gets small batches, and little is let in ahead of it, until it is fast again', () => {
  const held = heldSink({ ...limits, batchRecords: 1_000, bufferRecords: 100_000 });
  let emitted = 0;
  const fill = (): number => {
    const before = emitted;
    while (held.sink.room() === undefined && emitted - before < 10_000) held.sink.emit(call(0, ++emitted));
    return emitted - before;
  };
  const settle = (perMs: number): void => {
    for (let round = 0; round < 50; round++) {
      fill();
      while (held.answer(held.sent.at(-1)!.recordCount / perMs));
    }
  };
  settle(100);
  expect(fill()).toBeGreaterThan(2_500);
  expect(held.sent.at(-1)!.recordCount).toBe(1_000);
  while (held.answer());
  settle(4);
  expect(fill()).toBeLessThanOrEqual(200);
  expect(held.sent.at(-1)!.recordCount).toBeLessThan(150);
  while (held.answer());
  settle(100);
  expect(fill()).toBeGreaterThan(2_500);
});
