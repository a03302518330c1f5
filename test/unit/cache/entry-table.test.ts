import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryTable, NONE } from '../../../runtime/cache/table/entry-table.ts';
import { FrequencySketch } from '../../../runtime/cache/table/frequency-sketch.ts';
import { GhostTable } from '../../../runtime/cache/table/ghost-table.ts';
import { hashKey } from '../../../runtime/cache/table/key-hash.ts';

describe('a table', () => {
  test('finds what was put in and not removed, whatever the order, also where hashes are the same', () => {
    const step = fc.record({ isInsert: fc.boolean(), hash: fc.integer({ min: -3_000, max: 3_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2_000, size: 'max' }), (steps) => {
        const table = new EntryTable();
        const slots = new Map<number, Set<number>>();
        for (const { isInsert, hash } of steps) {
          const same = slots.get(hash) ?? new Set<number>();
          slots.set(hash, same);
          const [known] = same;
          if (isInsert || known === undefined) same.add(table.insert(hash));
          else {
            table.remove(known);
            same.delete(known);
          }
        }
        for (const [hash, same] of slots) {
          const found: number[] = [];
          for (let slot = table.first(hash); slot !== NONE; slot = table.nextSame(slot)) found.push(slot);
          expect(found.toSorted((a, b) => a - b)).toEqual([...same].toSorted((a, b) => a - b));
          for (const slot of found) expect([table.isUsed(slot), table.hash(slot)]).toEqual([true, hash]);
        }
        expect(table.count).toBe([...slots.values()].reduce((sum, same) => sum + same.size, 0));
      }),
      { numRuns: 50 },
    );
  });

  test('grows to many and shrinks to nothing, and uses its slots again', () => {
    const table = new EntryTable();
    for (let round = 0; round < 2; round++) {
      for (let key = 0; key < 20_000; key++) table.insert(Math.imul(key, 0x9e3779b1));
      for (let key = 0; key < 20_000; key++) table.remove(table.first(Math.imul(key, 0x9e3779b1)));
      expect(table.count).toBe(0);
      expect(table.slotCount).toBe(20_000);
    }
  });

  test('keeps times beyond 32 bits beside flags and lists', () => {
    const table = new EntryTable();
    const slot = table.insert(1);
    table.setMeta(slot, table.meta(slot) | 0x700);
    for (const time of [1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 12_345, 7]) {
      table.setTime(slot, time);
      expect([table.time(slot), table.meta(slot) & 0x700, table.isUsed(slot)]).toEqual([time, 0x700, true]);
    }
    table.setBytes(slot, 2 ** 32 - 1);
    expect(table.bytes(slot)).toBe(2 ** 32 - 1);
  });
});

test('a sketch counts up to 15, never too low, and forgets by halves', () => {
  const sketch = new FrequencySketch();
  sketch.fit(1_000);
  for (let key = 0; key < 200; key++)
    for (let use = 0; use < key % 20; use++) sketch.add(Math.imul(key, 0x9e3779b1), 1_000);
  for (let key = 0; key < 200; key++)
    expect(sketch.countOf(Math.imul(key, 0x9e3779b1))).toBeGreaterThanOrEqual(Math.min(15, key % 20));
  sketch.fit(10_000);
  for (let key = 0; key < 200; key++)
    expect(sketch.countOf(Math.imul(key, 0x9e3779b1))).toBeGreaterThanOrEqual(Math.min(15, key % 20));
  for (let key = 1_000; key < 101_000; key++) sketch.add(Math.imul(key, 0x9e3779b1), 10_000);
  expect(sketch.countOf(Math.imul(19, 0x9e3779b1))).toBeLessThan(15);
});

test('a ghost table remembers what was put in until it is taken, also when it grows', () => {
  const ghosts = new GhostTable();
  for (let key = 1; key <= 100; key++) ghosts.put(Math.imul(key, 0x9e3779b1), key);
  ghosts.fit(5_000);
  for (let key = 1; key <= 100; key++) {
    expect(ghosts.take(Math.imul(key, 0x9e3779b1))).toBe(key);
    expect(ghosts.take(Math.imul(key, 0x9e3779b1))).toBe(0);
  }
});

test('hashes depend on every character and the length', () => {
  const keys = ['', 'a', 'aa', 'ab', 'ba', 'é', '\u0000', '\u0000\u0000', 'a'.repeat(999), `${'a'.repeat(998)}b`];
  expect(new Set(keys.map(hashKey)).size).toBe(keys.length);
  const many = new Set(Array.from({ length: 10_000 }, (_, key) => hashKey(`file-${key}.ts`)));
  expect(many.size).toBeGreaterThan(9_990);
});
