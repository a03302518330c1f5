import { describe, expect, test } from 'vitest';
import { openGate, type Gate, type LaneLimits } from '../../../runtime/admission/gate.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';

function ioGate(limits: Partial<LaneLimits>): Gate {
  return openGate({
    lanes: { io: { maxRunning: 10, queueCapacity: 100, ...limits } },
    clock: manualClock(),
    closeGraceMs: 0,
  });
}

/** Work that notes its label and runs until it is ended by hand. */
class Held {
  readonly running: string[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly gate: Gate;

  constructor(gate: Gate) {
    this.gate = gate;
  }

  submit(owner: string, label = owner): void {
    const work = (): Promise<void> => {
      this.running.push(label);
      return new Promise((resolve) => {
        this.ends.push(() => {
          this.running.splice(this.running.indexOf(label), 1);
          resolve();
        });
      });
    };
    void this.gate.submit('io', work, owner === '' ? {} : { owner }).catch(() => {});
  }

  async endFirst(): Promise<void> {
    this.ends.shift()?.();
    await settleMicrotasks();
  }

  async endAll(): Promise<void> {
    while (this.ends.length > 0) await this.endFirst();
  }
}

describe('the ceiling of an agent', () => {
  test('keeps slots free for others, and its waiting work starts as its own ends', async () => {
    await using gate = ioGate({ maxPerAgent: 2 });
    const work = new Held(gate);
    for (const label of ['1', '2', '3', '4']) work.submit('run/1', label);
    work.submit('run/2', 'other');
    expect(work.running).toEqual(['1', '2', 'other']);
    await work.endFirst();
    expect(work.running).toEqual(['2', 'other', '3']);
    await work.endAll();
    expect(gate.stats()[0]).toMatchObject({ completed: 5, running: 0, waiting: 0 });
  });

  test('counts permits and work of every priority together', async () => {
    await using gate = ioGate({ maxPerAgent: 1 });
    using permit = await gate.acquire('io', { owner: 'run/1', priority: 'low' });
    let started = false;
    const urgent = gate.submit('io', () => (started = true), { owner: 'run/1', priority: 'high' });
    expect(started).toBe(false);
    permit.release();
    await urgent;
    expect(started).toBe(true);
  });

  test('does not bind work that is for nobody in particular', async () => {
    await using gate = ioGate({ maxPerAgent: 1 });
    const work = new Held(gate);
    for (const label of ['1', '2', '3']) work.submit('', label);
    expect(work.running).toEqual(['1', '2', '3']);
    await work.endAll();
  });

  test('counts what already runs when it is set on a lane that had none, and nothing when it is taken away', async () => {
    await using gate = ioGate({});
    const work = new Held(gate);
    for (const label of ['1', '2', '3']) work.submit('run/1', label);
    gate.reconfigure('io', { maxPerAgent: 2 });
    work.submit('run/1', '4');
    await work.endFirst();
    expect(work.running).toEqual(['2', '3']);
    gate.reconfigure('io', { maxPerAgent: 3 });
    expect(work.running).toEqual(['2', '3', '4']);
    work.submit('run/1', '5');
    expect(work.running).toEqual(['2', '3', '4']);
    gate.reconfigure('io', { maxPerAgent: undefined });
    expect(work.running).toEqual(['2', '3', '4', '5']);
    gate.reconfigure('io', { maxPerAgent: 1 });
    await work.endAll();
    work.submit('run/1', '6');
    work.submit('run/1', '7');
    expect(work.running).toEqual(['6']);
    await work.endAll();
  });

  test('stays with agents that hold slots while a thousand others come and go', async () => {
    await using gate = ioGate({ maxPerAgent: 1 });
    const work = new Held(gate);
    work.submit('run/kept');
    for (let index = 0; index < 3_000; index++) await gate.submit('io', () => {}, { owner: `run/${index}` });
    work.submit('run/kept', 'second');
    expect(work.running).toEqual(['run/kept']);
    await work.endAll();
  });
});

describe('weights', () => {
  async function orderOf(gate: Gate, owners: readonly string[]): Promise<string> {
    using permit = await gate.acquire('io');
    const order: string[] = [];
    const all = owners.map((owner) => gate.submit('io', () => void order.push(owner.at(-1)!), { owner }));
    permit.release();
    await Promise.all(all);
    return order.join('');
  }
  const owners = ['run/a', 'run/b'].flatMap((owner) => Array.from({ length: 6 }, () => owner));

  test('give an agent so many turns for each of another, until they are taken back', async () => {
    await using gate = ioGate({ maxRunning: 1 });
    const weight = gate.weigh('run/a', 3);
    expect(await orderOf(gate, owners)).toBe('aaabaaabbbbb');
    weight[Symbol.dispose]();
    expect(await orderOf(gate, owners)).toBe('abababababab');
  });

  test('of a run hold for all of its agents together, and the later one counts', async () => {
    await using gate = ioGate({ maxRunning: 1 });
    const first = gate.weigh('x', 5);
    using _second = gate.weigh('x', 2);
    first[Symbol.dispose]();
    expect(await orderOf(gate, ['x/1', 'x/2', 'x/1', 'x/2', 'y/3', 'y/3', 'y/3'])).toBe('1231233');
  });

  test('are refused when they are no whole number from 1 to 100', async () => {
    await using gate = ioGate({});
    for (const weight of [0, 101, 1.5, Number.NaN]) {
      expect(() => gate.weigh('run/1', weight)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    }
  });

  test('a cost that no turn could pay is refused and the work is not started', async () => {
    await using gate = ioGate({});
    for (const cost of [0, 0.0001, 1.1, Number.NaN]) {
      await expect(gate.submit('io', () => {}, { cost })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
    expect(gate.stats()[0]).toMatchObject({ completed: 0 });
  });
});
