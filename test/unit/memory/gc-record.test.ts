import { expect, test } from 'vitest';
import { GC_CAUSES, GC_KINDS, toGcCause, toGcKind, type Collection } from '../../../runtime/memory/gc/collections.ts';
import { createGcMemory, readGc, readHeat, toGcRecord, writeCollection } from '../../../runtime/memory/gc/gc-record.ts';
import { gcOfThreads, heatOfThreads, openGcPlace } from '../../../runtime/memory/gc/gc-threads.ts';
import {
  addPauses,
  HEAT_ROWS_MS,
  PAUSE_BUCKETS,
  pausePercentileMs,
  toHeatRow,
  toPauseBucket,
} from '../../../runtime/memory/gc/pause-buckets.ts';

const collection = (changes: Partial<Collection> = {}): Collection => ({
  kind: 'scavenge',
  cause: 'space',
  atMs: 1_000_000,
  pauseMs: 1,
  heapBeforeBytes: undefined,
  heapAfterBytes: 10,
  ...changes,
});

/** A seeded generator, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0), state / 2 ** 32);
}

test('what Node says of a collection has a word', () => {
  expect([1, 2, 4, 8, 16].map(toGcKind)).toEqual([
    'scavenge',
    'scavenge',
    'mark-compact',
    'incremental',
    'weak callbacks',
  ]);
  expect([0, 4, 32, 40, 16, 64].map(toGcCause)).toEqual([
    'space',
    'forced',
    'external memory',
    'external memory',
    'out of room',
    'idle',
  ]);
});

test('histograms of several threads merge to exactly that of all their pauses', () => {
  const random = seeded(7);
  const together = new Uint32Array(PAUSE_BUCKETS);
  const sum = new Uint32Array(PAUSE_BUCKETS);
  for (let thread = 0; thread < 5; thread++) {
    const record = toGcRecord(createGcMemory());
    for (let i = 0; i < 1_000; i++) {
      const pauseMs = 10 ** (random() * 6 - 3);
      writeCollection(record, collection({ pauseMs, kind: GC_KINDS[Math.floor(random() * 4)]! }));
      together[toPauseBucket(pauseMs)]! += 1;
    }
    addPauses(sum, readGc(record).pauses);
  }
  expect(sum).toEqual(together);
  expect(pausePercentileMs(sum, 0.99)).toBe(pausePercentileMs(together, 0.99));
});

test('a percentile is off by at most the width of its bucket', () => {
  const random = seeded(3);
  const pauses = Array.from({ length: 5_000 }, () => 10 ** (random() * 5 - 2)).toSorted((a, b) => a - b);
  const counts = new Uint32Array(PAUSE_BUCKETS);
  for (const ms of pauses) counts[toPauseBucket(ms)]! += 1;
  for (const ratio of [0.01, 0.5, 0.9, 0.99, 1]) {
    const exact = pauses[Math.ceil(ratio * pauses.length) - 1]!;
    expect(Math.abs(pausePercentileMs(counts, ratio)! / exact - 1)).toBeLessThan(0.023);
  }
  expect(pausePercentileMs(new Uint32Array(PAUSE_BUCKETS), 0.5)).toBeUndefined();
});

test('a record counts by kind and by cause and keeps the sizes around the last collection', () => {
  const record = toGcRecord(createGcMemory());
  writeCollection(record, collection({ pauseMs: 2, heapBeforeBytes: 100, heapAfterBytes: 30 }));
  writeCollection(
    record,
    collection({ pauseMs: 3, kind: 'mark-compact', cause: 'external memory', heapAfterBytes: 20 }),
  );
  const reading = readGc(record);
  expect(reading).toMatchObject({ count: 2, gcMs: 5, heapAfterBytes: 20, heapBeforeBytes: 0, freedBytes: 70 });
  expect(reading.pausesByKind.map((one) => one.reduce((sum, count) => sum + count, 0))).toEqual([1, 1, 0, 0]);
  expect([...reading.causes]).toEqual(
    GC_CAUSES.map((cause) => (cause === 'space' || cause === 'external memory' ? 1 : 0)),
  );
});

test('cells of the heat map say when how many pauses of which length were', () => {
  const record = toGcRecord(createGcMemory({ columnMs: 1_000, columns: 60 }));
  writeCollection(record, collection({ atMs: 5_000_100, pauseMs: 0.1 }));
  writeCollection(record, collection({ atMs: 5_000_900, pauseMs: 0.15 }));
  writeCollection(record, collection({ atMs: 5_002_000, pauseMs: 7 }));
  expect(readHeat(record)).toEqual([
    { atMs: 5_000_000, row: 0, count: 2 },
    { atMs: 5_002_000, row: HEAT_ROWS_MS.indexOf(10), count: 1 },
  ]);
  expect(readHeat(record, 5_001_500)).toHaveLength(1);
});

test('the heat map keeps its newest columns however long it goes on, in the same memory', () => {
  const shared = createGcMemory({ columnMs: 100, columns: 10 });
  const record = toGcRecord(shared);
  const bytes = shared.byteLength;
  for (let at = 1_000_000; at < 1_010_000; at += 50) writeCollection(record, collection({ atMs: at }));
  const columns = readHeat(record).map(({ atMs }) => atMs);
  expect(columns).toEqual(Array.from({ length: 10 }, (_, column) => 1_009_000 + column * 100));
  expect(readHeat(record).every(({ count }) => count === 2)).toBe(true);
  // One that is reported after its column has gone round must not be counted as a newer one.
  writeCollection(record, collection({ atMs: 1_000_000 }));
  expect(readHeat(record).map(({ count }) => count)).toEqual(Array(10).fill(2));
  expect(shared.byteLength).toBe(bytes);
});

test('a pause on the border of a row belongs to it, and the longest has a row', () => {
  expect([0, 0.2, 0.21, 500, 501, 1e9].map(toHeatRow)).toEqual([0, 0, 1, 10, 11, 11]);
});

test.each([[{ columnMs: 99 }], [{ columns: 0 }], [{ columns: 2_881 }], [{ columnMs: 1_000.5 }]])(
  'a record with %j is refused',
  (options) => {
    expect(() => createGcMemory(options)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  },
);

test('threads are found under their names until their places are disposed of, and their maps add up', () => {
  using first = openGcPlace('a-thread', () => 7, { columnMs: 1_000 });
  {
    using second = openGcPlace('b-thread', () => 8, { columnMs: 1_000 });
    for (const { shared } of [first, second]) writeCollection(toGcRecord(shared), collection());
    expect(gcOfThreads().map(({ name, count, busyMs }) => [name, count, busyMs])).toEqual([
      ['a-thread', 1, 7],
      ['b-thread', 1, 8],
    ]);
    expect(heatOfThreads()).toEqual([{ atMs: 1_000_000, row: toHeatRow(1), count: 2 }]);
    expect(heatOfThreads(0, 'b-thread')).toEqual([{ atMs: 1_000_000, row: toHeatRow(1), count: 1 }]);
  }
  expect(gcOfThreads().map(({ name }) => name)).toEqual(['a-thread']);
});
