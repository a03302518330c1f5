// oxlint-disable vitest/no-standalone-expect, vitest/expect-expect -- `Exercise` does the expecting
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import { openGate, type Admission, type Gate, type LaneStats } from '../../../runtime/admission/gate.ts';
import { manualClock } from '../../support/manual-clock.ts';

const OWNERS = ['a', 'a/1', 'a/2', 'a/20', 'b/1', 'c'];
const owner = fc.constantFrom(...OWNERS);
const stopError = new AppError('TASK_CANCELLED', 'Stopped.').toData();

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      how: fc.constantFrom('later', 'at once', 'throws', 'permit'),
      owner: fc.option(owner, { nil: undefined }),
      priority: fc.constantFrom('high', 'normal', 'low', undefined),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      signal: fc.option(fc.nat(2), { nil: undefined }),
      cost: fc.constantFrom(undefined, 0.001, 0.3, 1),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(100), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), owner }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const), owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), signal: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resize' as const),
      maxRunning: fc.integer({ min: 1, max: 6 }),
      queueCapacity: fc.nat(8),
      maxPerAgent: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      ageingStarts: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('weigh' as const), owner, weight: fc.integer({ min: 1, max: 4 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Enough for every chain of promises between a step and what it settles. */
const SETTLE_TURNS = 8;

/** A lane under random use, with everything counted from outside. */
class Exercise {
  readonly clock = manualClock();
  readonly gate: Gate = openGate({
    lanes: { io: { maxRunning: 2, queueCapacity: 4 } },
    clock: this.clock,
    closeGraceMs: 0,
  });
  private readonly running: { readonly owner: string | undefined; readonly end: (fails: boolean) => void }[] = [];
  private controllers = [new AbortController(), new AbortController(), new AbortController()];
  private readonly paused = new Set<string>();
  private maxRunning = 2;
  private queueCapacity = 4;
  private maxPerAgent: number | undefined;
  /** What work and promises saw; they cannot fail the test themselves, since the lane takes what they throw. */
  readonly violations: string[] = [];
  submitted = 0;
  settled = 0;
  refused = 0;

  get stats(): LaneStats {
    return this.gate.stats()[0]!;
  }

  async take(one: Step): Promise<void> {
    const before = this.stats;
    const heldBefore = this.heldByOwner();
    if (one.kind === 'submit') this.submit(one);
    else if (one.kind === 'end')
      this.running.splice(one.which % Math.max(1, this.running.length), 1)[0]?.end(one.fails);
    else if (one.kind === 'advance') await this.clock.advance(one.ms);
    else if (one.kind === 'pause') this.gate.pause((this.paused.add(one.owner), one.owner));
    else if (one.kind === 'resume') this.gate.resume((this.paused.delete(one.owner), one.owner));
    else if (one.kind === 'cancel') this.gate.cancel(one.owner, stopError);
    else if (one.kind === 'abort') this.controllers[one.signal]!.abort();
    else if (one.kind === 'weigh') this.gate.weigh(one.owner, one.weight);
    else {
      this.maxPerAgent = one.maxPerAgent;
      ({ maxRunning: this.maxRunning, queueCapacity: this.queueCapacity } = one);
      this.gate.reconfigure('io', one);
    }
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve();
    expect(this.violations).toEqual([]);
    for (const [name, slots] of this.heldByOwner()) {
      if (slots > Math.max(this.maxPerAgent ?? slots, heldBefore.get(name) ?? 0))
        this.violations.push('over its ceiling');
    }
    const { running, waiting } = this.stats;
    // A lower limit lets what is over it end; nothing may be added to it.
    expect(running).toBeLessThanOrEqual(Math.max(this.maxRunning, before.running));
    expect(waiting).toBeLessThanOrEqual(Math.max(this.queueCapacity, before.waiting));
    expect(this.running.length).toBe(running);
    expect(this.submitted - this.settled).toBeGreaterThanOrEqual(waiting);
    this.compareReasons(waiting, running < this.maxRunning);
  }

  /** With a slot free only what may not start waits; what is said of each item agrees with what is seen from outside. */
  private compareReasons(waiting: number, hasFreeSlot: boolean): void {
    const { items } = this.gate.waitingItems('io', { offset: 0, limit: 100 });
    expect(items.length).toBe(waiting);
    const held = this.heldByOwner();
    for (const { owner: name, reason } of items) {
      const isPaused = [...this.paused].some((one) => `${name}/`.startsWith(`${one}/`));
      if (isPaused !== (reason === 'paused')) this.violations.push(`${name} waits for ${reason}`);
      if (!hasFreeSlot || isPaused) continue;
      const isFull = name !== '' && (held.get(name) ?? 0) >= (this.maxPerAgent ?? Infinity);
      if (!isFull || reason !== 'agent ceiling') this.violations.push(`${name} waits for ${reason} beside a free slot`);
    }
  }

  private heldByOwner(): ReadonlyMap<string, number> {
    const held = new Map<string, number>();
    for (const { owner: name } of this.running) if (name !== undefined) held.set(name, (held.get(name) ?? 0) + 1);
    return held;
  }

  private submit(one: Extract<Step, { kind: 'submit' }>): void {
    const signal = one.signal === undefined ? undefined : this.signal(one.signal);
    const admission: Admission = {
      ...(one.owner === undefined ? {} : { owner: one.owner }),
      ...(one.priority === undefined ? {} : { priority: one.priority }),
      ...(one.deadlineMs === undefined ? {} : { deadlineMs: one.deadlineMs }),
      ...(signal === undefined ? {} : { signal }),
      ...(one.cost === undefined ? {} : { cost: one.cost }),
    };
    this.submitted++;
    let starts = 0;
    const work = (): unknown => {
      if (++starts > 1) this.violations.push('started twice');
      if (signal?.aborted) this.violations.push('started after its signal');
      for (const held of this.paused) {
        if (`${one.owner ?? ''}/`.startsWith(`${held}/`)) this.violations.push('started while paused');
      }
      if (one.how === 'throws') throw new Error('thrown');
      if (one.how === 'at once') return 'ended';
      return new Promise((resolve, reject) => {
        const end = (fails: boolean): void => (fails ? reject(new Error('crashed')) : resolve('ended'));
        this.running.push({ owner: one.owner, end });
      });
    };
    const promise =
      one.how === 'permit'
        ? this.gate.acquire('io', admission).then((permit) => {
            this.running.push({ owner: one.owner, end: () => permit.release() });
            return permit;
          })
        : this.gate.submit('io', work, admission);
    let settles = 0;
    const settle = (error?: unknown): void => {
      if (++settles > 1) this.violations.push('settled twice');
      this.settled++;
      if (!isAppError(error, 'LANE_SATURATED')) return;
      this.refused++;
      if (!(Number(error.details.retryAfterMs) > 0)) this.violations.push('refused without retryAfterMs');
    };
    promise.then(() => settle(), settle);
  }

  private signal(index: number): AbortSignal {
    if (this.controllers[index]!.signal.aborted) this.controllers[index] = new AbortController();
    return this.controllers[index]!.signal;
  }

  /** Ends everything and looks at what is left. */
  async finish(): Promise<void> {
    for (const held of this.paused) await this.take({ kind: 'resume', owner: held });
    for (let round = 0; this.stats.running + this.stats.waiting > 0 && round < 1_000; round++) {
      await this.take({ kind: 'end', which: 0, fails: false });
    }
    expect(this.settled).toBe(this.submitted);
    const { running, waiting, completed, failed, refused, cancelled, timedOut } = this.stats;
    expect({ running, waiting }).toEqual({ running: 0, waiting: 0 });
    expect(refused).toBe(this.refused);
    expect(completed + failed + refused + cancelled + timedOut).toBe(this.submitted);
    await this.gate[Symbol.asyncDispose]();
    expect(this.clock.pendingCount).toBe(0);
  }
}

/** Many short interleavings find what needs luck, a few long ones what needs time. */
test.for([
  { steps: 24, numRuns: 10_000 },
  { steps: 150, numRuns: 150 },
])(
  'whatever happens to a lane in $steps steps, its bounds hold, each submission settles once and nothing is left',
  { timeout: 120_000 },
  async ({ steps: maxLength, numRuns }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength, size: 'max' }), async (steps) => {
        const exercise = new Exercise();
        for (const one of steps) await exercise.take(one);
        await exercise.finish();
      }),
      { numRuns },
    );
  },
);
