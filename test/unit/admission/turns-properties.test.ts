// oxlint-disable vitest/expect-expect -- `expectFair` does the expecting
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { openGate, type Gate, type Priority } from '../../../runtime/admission/gate.ts';
import { manualClock } from '../../support/manual-clock.ts';

const OWNERS = ['a', 'a/1', 'a/2', 'a/20', 'b/1', 'c'];
const owner = fc.constantFrom(...OWNERS);
const cost = fc.constantFrom(0.1, 0.25, 0.7, 1);
const weights = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a/1', 'a/2'), fc.integer({ min: 1, max: 5 }));
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

interface Task {
  readonly owner: string;
  readonly priority: Priority;
  readonly cost: number;
}

/** A member of the turns as a textbook has it: a list whose first has the turn. */
interface Member {
  readonly name: string;
  credit: number;
}

/** Deficit round robin over runs and their agents, with ageing, as lists and as slowly as it likes. */
class Textbook {
  private readonly runs = PRIORITIES.map(() => [] as (Member & { agents: (Member & { queue: number[] })[] })[]);
  private readonly passedOver = [0, 0, 0];
  private readonly tasks: readonly Task[];
  private readonly ageingStarts: number;
  private readonly weightOf: (name: string) => number;

  constructor(tasks: readonly Task[], ageingStarts: number, weightOf: (name: string) => number) {
    this.tasks = tasks;
    this.ageingStarts = ageingStarts;
    this.weightOf = weightOf;
    tasks.forEach((task, index) => {
      const runs = this.runs[PRIORITIES.indexOf(task.priority)]!;
      const name = task.owner.split('/')[0]!;
      let run = runs.find((one) => one.name === name);
      if (!run) runs.push((run = { name, credit: weightOf(name), agents: [] }));
      let agent = run.agents.find((one) => one.name === task.owner);
      if (!agent) run.agents.push((agent = { name: task.owner, credit: this.agentWeight(task.owner), queue: [] }));
      agent.queue.push(index);
    });
  }

  order(): number[] {
    return this.tasks.map(() => this.next());
  }

  private agentWeight(name: string): number {
    return name.includes('/') ? this.weightOf(name) : 1;
  }

  private next(): number {
    const waits = this.runs.map((runs) => runs.length > 0);
    const [high, normal] = waits;
    let level = high ? 0 : normal ? 1 : 2;
    if (normal && this.passedOver[1]! >= this.ageingStarts) level = 1;
    if (waits[2] && this.passedOver[2]! >= 2 * this.ageingStarts) level = 2;
    const runs = this.runs[level]!;
    for (;;) {
      const run = runs[0]!;
      const agent = run.agents[0]!;
      const index = agent.queue[0]!;
      const price = this.tasks[index]!.cost - 1e-6;
      if (agent.credit < price) {
        agent.credit += this.agentWeight(agent.name);
        run.agents.push(run.agents.shift()!);
      } else if (run.credit < price) {
        run.credit += this.weightOf(run.name);
        runs.push(runs.shift()!);
      } else {
        agent.queue.shift();
        agent.credit -= this.tasks[index]!.cost;
        run.credit -= this.tasks[index]!.cost;
        if (agent.queue.length === 0) run.agents.shift();
        if (run.agents.length === 0) runs.shift();
        for (const other of [1, 2]) {
          this.passedOver[other] = other === level || this.runs[other]!.length === 0 ? 0 : this.passedOver[other]! + 1;
        }
        return index;
      }
    }
  }
}

function weigh(gate: Gate, given: Record<string, number>): void {
  for (const [name, weight] of Object.entries(given)) gate.weigh(name, weight);
}

test('what waits starts as deficit round robin with ageing has it in a textbook, and as it was foretold', async () => {
  const task = fc.record({ owner, priority: fc.constantFrom(...PRIORITIES), cost });
  const ageing = fc.integer({ min: 1, max: 9 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(task, { maxLength: 80, size: 'max' }),
      weights,
      ageing,
      async (tasks, given, ageingStarts) => {
        const lanes = { io: { maxRunning: 1, queueCapacity: 100, ageingStarts } };
        await using gate = openGate({ lanes, clock: manualClock() });
        weigh(gate, given);
        const permit = await gate.acquire('io');
        const started: number[] = [];
        const all = tasks.map((admission, index) => gate.submit('io', () => void started.push(index), admission));
        const foretold = gate.waitingItems('io', { offset: 0, limit: 100 }).items;
        permit.release();
        await Promise.all(all);
        expect(started).toEqual(new Textbook(tasks, ageingStarts, (name) => given[name] ?? 1).order());
        const expected = started.map((index, place) => ({ ...tasks[index]!, position: place + 1 }));
        expect(foretold.map(({ owner: name, priority, position }) => ({ owner: name, priority, position }))).toEqual(
          expected.map(({ owner: name, priority, position }) => ({ owner: name, priority, position })),
        );
      },
    ),
    { numRuns: 400 },
  );
});

/** A lane with one slot whose work is ended by hand, one at a time. */
class OneByOne implements AsyncDisposable {
  readonly gate: Gate;
  /** What has started, in order. */
  readonly started: Task[] = [];
  private end: () => void = () => {};

  constructor(ageingStarts = 8) {
    const lanes = { io: { maxRunning: 1, queueCapacity: 1_000, ageingStarts } };
    this.gate = openGate({ lanes, clock: manualClock(), closeGraceMs: 0 });
  }

  submit(task: Task, signal?: AbortSignal): void {
    const work = (): Promise<void> => {
      this.started.push(task);
      return new Promise((resolve) => (this.end = resolve));
    };
    void this.gate.submit('io', work, signal === undefined ? task : { ...task, signal }).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.gate[Symbol.asyncDispose]();
    this.end();
    await closed;
  }

  async endOne(): Promise<void> {
    this.end();
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }
}

/**
 * Service by weight of two members that never run dry differs by one turn and what of a turn could not be used: Lemma 2 and
 * Theorem 3 of Shreedhar and Varghese, in turns.
 */
function expectFair(served: ReadonlyMap<string, number>, given: Record<string, number>, largest: number): void {
  for (const [one, ofOne] of served) {
    for (const [other, ofOther] of served) {
      const [a, b] = [given[one] ?? 1, given[other] ?? 1];
      const unused = largest === 1 ? 0 : 1 / a + 1 / b;
      expect(ofOne / a - ofOther / b).toBeLessThanOrEqual(1 + unused + 1e-6);
    }
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'end' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), owner, cost }) },
);

test.for([
  { of: 'runs', names: ['a/1', 'b/1', 'c/1', 'c/2'], shareOf: (name: string) => name.split('/')[0]! },
  { of: 'agents', names: ['a/1', 'a/2', 'a/20'], shareOf: (name: string) => name },
])('$of that never run dry get their shares, within one turn at every moment', async ({ names, shareOf }) => {
  const costs = fc.constantFrom([1], [0.1, 0.25, 0.7, 1]);
  await fc.assert(
    fc.asyncProperty(
      weights,
      costs,
      fc.infiniteStream(fc.nat(3)),
      fc.array(step, { maxLength: 150, size: 'max' }),
      async (given, prices, luck, steps) => {
        await using lane = new OneByOne();
        weigh(lane.gate, given);
        lane.submit({ owner: '', priority: 'normal', cost: 1 });
        const controllers = names.flatMap((name) =>
          Array.from({ length: 100 }, () => {
            const controller = new AbortController();
            const price = prices[luck.next().value! % prices.length]!;
            lane.submit({ owner: name, priority: 'normal', cost: price }, controller.signal);
            return controller;
          }),
        );
        for (const one of steps) {
          if (one.kind === 'end') await lane.endOne();
          else if (one.kind === 'cancel') controllers[one.which % controllers.length]!.abort();
          else lane.submit({ owner: one.owner, priority: 'low', cost: one.cost });
          const served = new Map(names.map((name) => [shareOf(name), 0]));
          for (const { owner: name, cost: price, priority } of lane.started) {
            const share = shareOf(name);
            if (priority === 'normal' && served.has(share)) served.set(share, served.get(share)! + price);
          }
          expectFair(served, given, Math.min(...prices));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('low work starts within the bound of its ageing however much of higher priority comes, and normal within its own', async () => {
  const flood = fc.infiniteStream(fc.constantFrom('high' as const, 'high' as const, 'normal' as const));
  const ageing = fc.integer({ min: 1, max: 12 });
  await fc.assert(
    fc.asyncProperty(ageing, fc.integer({ min: 1, max: 6 }), flood, async (ageingStarts, lows, kinds) => {
      await using lane = new OneByOne(ageingStarts);
      const submit = (priority: Priority): void => lane.submit({ owner: `${priority}/1`, priority, cost: 1 });
      for (let index = 0; index < 30; index++) submit('high');
      for (let index = 0; index < lows; index++) submit('low');
      submit('normal');
      const bound = lows * (2 * ageingStarts + 1);
      let sinceNormal = 0;
      for (let count = 1; count <= bound; count++) {
        submit(kinds.next().value);
        submit('high');
        submit('normal');
        await lane.endOne();
        sinceNormal = lane.started.at(-1)!.priority === 'normal' ? 0 : sinceNormal + 1;
        expect(sinceNormal).toBeLessThan(ageingStarts + 2);
      }
      // The first of all started at once, before anything waited.
      expect(lane.started.length).toBe(bound + 1);
      expect(lane.started.filter(({ priority }) => priority === 'low').length).toBe(lows);
    }),
    { numRuns: 150 },
  );
});
