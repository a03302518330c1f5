import { expect } from 'vitest';
import type { Admission, Gate, LaneName } from '../../../../runtime/admission/gate.ts';
import { openTestPlane } from '../../../support/instance/test-plane.ts';
import type { Observations } from './observation.ts';

/** Work that runs until it is let go, in the order in which it was started. */
export class HeldWork {
  readonly started: string[] = [];
  readonly refused: unknown[] = [];
  readonly #gate: Gate;
  readonly #lane: LaneName;
  #letGo: (() => void)[] = [];

  constructor(gate: Gate, lane: LaneName) {
    this.#gate = gate;
    this.#lane = lane;
  }

  /** Submits `count` pieces. */
  async submit(count: number, name = '', admission: Admission = {}): Promise<void> {
    for (let n = 0; n < count; n++) {
      const work = (): Promise<void> => {
        this.started.push(name);
        return new Promise((resolve) => void this.#letGo.push(resolve));
      };
      this.#gate.submit(this.#lane, work, admission).catch((error: unknown) => void this.refused.push(error));
    }
    await settle();
  }

  /** Lets go the piece that was started first. */
  async finishOne(): Promise<void> {
    this.#letGo.shift()?.();
    await settle();
  }

  async finishAll(): Promise<void> {
    while (this.#letGo.length > 0) {
      for (const finish of this.#letGo.splice(0)) finish();
      await settle();
    }
  }
}

/** Lets everything that is ready go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How many start at the same time under one value, and how many more at once under a larger one. */
async function observeRunning(lane: LaneName, key: string, [small, large]: readonly [number, number]): Promise<void> {
  await using test = await openTestPlane({ [key]: small });
  const held = new HeldWork(test.gate, lane);
  await held.submit(40);
  expect(held.started).toHaveLength(small);
  await test.set({ [key]: large });
  await settle();
  expect(held.started).toHaveLength(large);
  await test.set({ [key]: small });
  for (let n = 0; n < large - small; n++) await held.finishOne();
  // What runs above the lower ceiling ends first.
  expect(held.started).toHaveLength(large);
  await held.finishOne();
  expect(held.started).toHaveLength(large + 1);
  await held.finishAll();
  expect([held.started.length, held.refused.length]).toEqual([40, 0]);
}

/** How many may wait before the next is refused. */
export async function observeQueue(lane: LaneName, keys: { running: string; queue: string }): Promise<void> {
  await using test = await openTestPlane({ [keys.running]: 1, [keys.queue]: 2 });
  const held = new HeldWork(test.gate, lane);
  await held.submit(20);
  const before = held.refused.length;
  await test.set({ [keys.queue]: 7 });
  await held.submit(20);
  expect(held.refused.length - before).toBe(15);
  expect(held.refused).toContainEqual(
    expect.objectContaining({
      code: 'LANE_SATURATED',
      details: expect.objectContaining({ retryAfterMs: expect.any(Number) as number }) as object,
    }),
  );
  await held.finishAll();
}

/** How many of one agent run while others go on. */
async function observePerAgent(lane: LaneName, key: string): Promise<void> {
  await using test = await openTestPlane({ [key]: 2 });
  const held = new HeldWork(test.gate, lane);
  await held.submit(4, 'greedy', { owner: 'run/1' });
  await held.submit(1, 'modest', { owner: 'run/2' });
  expect(held.started).toEqual(['greedy', 'greedy', 'modest']);
  expect(test.gate.explain('run/1').map(({ reason }) => reason)).toEqual(['agent ceiling', 'agent ceiling']);
  await test.set({ [key]: 3 });
  await settle();
  expect(held.started).toEqual(['greedy', 'greedy', 'modest', 'greedy']);
  await held.finishAll();
}

/** How long low work waits behind high. */
async function startsBeforeLow(ageingStarts: number): Promise<number> {
  await using test = await openTestPlane({ 'io.maxRunning': 1, 'io.ageingStarts': ageingStarts });
  const held = new HeldWork(test.gate, 'io');
  await held.submit(1, 'first');
  await held.submit(100, 'high', { priority: 'high' });
  await held.submit(1, 'low', { priority: 'low' });
  await held.finishAll();
  return held.started.indexOf('low');
}

/** How much runs of work that is quick while little runs and slow while much does. */
async function adaptedRunning(values: Readonly<Record<string, number | boolean>>): Promise<number> {
  await using test = await openTestPlane({ 'io.maxRunning': 64, ...values });
  let running = 0;
  const work = async (): Promise<void> => {
    running++;
    // Two at a time take no longer than one; every further one makes all wait.
    await new Promise((resolve) => setTimeout(resolve, 2 * Math.max(1, running / 2)));
    running--;
  };
  const ending = new AbortController();
  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted) await test.gate.submit('io', work);
  };
  const loops = Array.from({ length: 80 }, loop);
  const stats = () => test.gate.stats().find(({ name }) => name === 'io')!;
  while (stats().completed < 3_000) await new Promise((resolve) => setTimeout(resolve, 20));
  const { maxRunning } = stats();
  ending.abort();
  await Promise.all(loops);
  return maxRunning;
}

export const ioObservations: Observations<'io'> = {
  'io.maxRunning': () => observeRunning('io', 'io.maxRunning', [3, 10]),
  'io.queueCapacity': () => observeQueue('io', { running: 'io.maxRunning', queue: 'io.queueCapacity' }),
  'io.maxPerAgent': () => observePerAgent('io', 'io.maxPerAgent'),
  'io.ageingStarts': async () => {
    const [soon, late] = [await startsBeforeLow(2), await startsBeforeLow(20)];
    expect(soon).toBeLessThanOrEqual(2 * 2 + 2);
    expect(late).toBeGreaterThan(20);
  },
  'io.adaptive': async () => {
    const [fixed, adapted] = [{ 'io.adaptive': false }, { 'io.adaptive': true, 'io.minRunning': 2 }];
    const [most, found] = await Promise.all([adaptedRunning(fixed), adaptedRunning(adapted)]);
    expect(most).toBe(64);
    expect(found).toBeLessThan(40);
  },
  'io.minRunning': async () => {
    const [high, low] = await Promise.all(
      [50, 2].map((min) => adaptedRunning({ 'io.adaptive': true, 'io.minRunning': min })),
    );
    expect(high).toBeGreaterThanOrEqual(50);
    expect(low).toBeLessThan(50);
  },
};

export const processLaneObservations: Pick<
  Observations<'process'>,
  'process.maxRunning' | 'process.queueCapacity' | 'process.maxPerAgent'
> = {
  'process.maxRunning': () => observeRunning('process', 'process.maxRunning', [2, 6]),
  'process.queueCapacity': () =>
    observeQueue('process', { running: 'process.maxRunning', queue: 'process.queueCapacity' }),
  'process.maxPerAgent': () => observePerAgent('process', 'process.maxPerAgent'),
};
