import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CacheValues } from '../../../runtime/cache/named/named-cache.ts';
import type { Tool, ToolCallResult } from '../../../runtime/tools/tool.ts';
import { settleMicrotasks } from '../../support/manual-clock.ts';
import { cachesValues, testCaches } from '../../support/test-caches.ts';
import { openToolBench } from '../../support/tool-bench.ts';

/** Interleavings; what each does is drawn anew. */
const RUNS = 2_000;
const FILES = 3;

type Step =
  | { readonly do: 'call'; readonly file: number; readonly bench: number }
  | { readonly do: 'cancel' | 'advance' }
  | { readonly do: 'write'; readonly file: number }
  | { readonly do: 'limits'; readonly values: Partial<CacheValues> };

const file = fc.nat({ max: FILES - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const), file, bench: fc.nat({ max: 1 }) }) },
  { weight: 6, arbitrary: fc.constant({ do: 'advance' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), file }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limits' as const),
      values: fc.record({
        isEnabled: fc.boolean(),
        maxEntries: fc.integer({ min: 1, max: 3 }),
        policy: fc.constantFrom('lru' as const, 'adaptive' as const, 'sieve' as const),
      }),
    }),
  },
);

/** Files that have versions, and a tool that reads one in two steps, so that a write may come in between. */
class World {
  readonly versions = Array.from({ length: FILES }, () => 1);
  readonly #held: (() => void)[] = [];
  readonly tool: Tool<{ readonly file: number }> = {
    name: 'read',
    description: '',
    input: z.strictObject({ file: z.int() }),
    lane: 'io',
    repeatable: true,
    basis: {
      lane: 'io',
      look: async ({ file }) => {
        await this.#pause();
        return `v${this.versions[file]}`;
      },
    },
    run: async ({ file }) => {
      const before = this.versions[file];
      await this.#pause();
      const text = `v${this.versions[file]}`;
      await this.#pause();
      return this.versions[file] === before ? { text, basis: text } : { text };
    },
  };

  advance(): boolean {
    const next = this.#held.shift();
    next?.();
    return next !== undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#held.push(resolve));
  }
}

interface Asked {
  readonly file: number;
  /** Version when it was asked. */
  readonly from: number;
  readonly result: Promise<ToolCallResult>;
  readonly aborter: AbortController;
}

async function drive(steps: readonly Step[]): Promise<void> {
  const world = new World();
  const caches = testCaches();
  const results = { cache: caches.toolResults, scope: 'a' };
  const open = () =>
    openToolBench({
      tools: [world.tool],
      io: { maxRunning: 2, queueCapacity: 50 },
      caches: { schemas: caches.toolSchemas, results },
    });
  await using one = open();
  await using other = open();
  const asked: (Asked & { done?: number })[] = [];
  const changing: Promise<void>[] = [];
  for (const each of steps) {
    if (each.do === 'call') {
      const aborter = new AbortController();
      const result = [one, other][each.bench]!.call('read', { file: each.file }, { signal: aborter.signal });
      const call: Asked & { done?: number } = { file: each.file, from: world.versions[each.file]!, result, aborter };
      void result.then(() => (call.done = world.versions[each.file]!));
      asked.push(call);
    } else if (each.do === 'write') world.versions[each.file]! += 1;
    else if (each.do === 'cancel') asked.at(-1)?.aborter.abort();
    else if (each.do === 'limits') changing.push(caches.reconfigure(cachesValues({ toolResults: each.values })));
    else world.advance();
    await settleMicrotasks();
  }
  for (let idle = 0; idle < 3; idle = world.advance() ? 0 : idle + 1) await settleMicrotasks();
  await Promise.all(changing);
  const settled = await Promise.all(asked.map(async (call) => ({ ...(await call.result), ...call })));
  for (const { state, output, from, done } of settled) {
    if (state !== 'done') continue;
    const version = Number(output.slice(1));
    // Never older than when it was asked for, never newer than when it was answered.
    expect(version).toBeGreaterThanOrEqual(from);
    expect(version).toBeLessThanOrEqual(done!);
  }
  const served = settled.filter(({ state }) => state === 'done').length;
  const written = [...one.ledger, ...other.ledger].length;
  expect(settled.filter(({ state }) => state !== 'done' && state !== 'cancelled')).toEqual([]);
  // Those that were cancelled while they ran are in the ledger too.
  expect(written).toBeGreaterThanOrEqual(served);
  for (const { ledger } of [one, other]) expect(new Set(ledger).size).toBe(ledger.length);
  expect(caches.toolResults.figures().hits).toBe(settled.filter(({ cached }) => cached).length);
}

test('whatever is read, written, cancelled and reconfigured in whatever order, no answer is older than its question, and each call ends once', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), drive), { numRuns: RUNS });
});
