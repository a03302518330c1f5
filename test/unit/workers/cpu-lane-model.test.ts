import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import { openCpuWorkers, type CpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';
import { manualClock, settleMicrotasks, type ManualClock } from '../../support/manual-clock.ts';
import { SimulatedThreads, type SimulatedKind, type SimulatedThread } from '../../support/threads/simulated-threads.ts';

const MB = 2 ** 20;
const INTERLEAVINGS = 10_000;
const KINDS: readonly SimulatedKind[] = ['answer', 'answer', 'answer', 'refuse', 'stay', 'die', 'exhaust'];
/** How each kind may end; cancellation and deadlines are added for calls that have them. */
const ENDS: Readonly<Record<SimulatedKind, readonly string[]>> = {
  answer: ['done', 'WORKER_LOST', 'TASK_POISONED', 'WORKER_OUT_OF_MEMORY'],
  refuse: ['FILE_NOT_FOUND', 'WORKER_LOST', 'TASK_POISONED', 'WORKER_OUT_OF_MEMORY'],
  stay: ['done', 'WORKER_LOST', 'TASK_POISONED', 'WORKER_OUT_OF_MEMORY'],
  die: ['WORKER_LOST', 'TASK_POISONED', 'WORKER_OUT_OF_MEMORY'],
  exhaust: ['WORKER_OUT_OF_MEMORY', 'WORKER_LOST', 'TASK_POISONED'],
};

interface Submitted {
  readonly kind: SimulatedKind;
  readonly isRepeatable: boolean;
  readonly hasDeadline: boolean;
  readonly cancel: AbortController | undefined;
  readonly ends: string[];
  runsWhenSettled: number;
}

function mustHold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

/** One lane on simulated threads, and what must hold of it at every moment. */
class World {
  readonly clock: ManualClock = manualClock();
  readonly threads = new SimulatedThreads(() => this.clock.monoMs());
  readonly submitted: Submitted[] = [];
  readonly changes: Promise<void>[] = [];
  options: CpuWorkersOptions = {
    maxWorkers: 2,
    oldGenerationBytes: 64 * MB,
    youngGenerationBytes: 4 * MB,
    externalBytes: 64 * MB,
    idleTimeoutMs: 1_000,
    groupLimit: 8,
  };
  readonly lane: CpuWorkers;

  constructor() {
    this.threads.onOpen = () => {
      const { live } = this.threads;
      const isRolling = [...live].some(({ start }) => start.oldGenerationBytes !== this.options.oldGenerationBytes);
      mustHold(live.size < this.options.maxWorkers + (isRolling ? 1 : 0), `a thread is opened beside ${live.size}`);
    };
    const tasks = new URL('file:///simulated.ts');
    this.lane = openCpuWorkers(this.options, { clock: this.clock, tasks, openLink: this.threads.open });
  }

  submit(choice: number): void {
    const id = this.submitted.length;
    const kind = KINDS[choice % KINDS.length]!;
    const cancel = choice % 3 === 0 ? new AbortController() : undefined;
    const one: Submitted = {
      kind,
      isRepeatable: choice % 2 === 0,
      hasDeadline: choice % 3 === 1,
      cancel,
      ends: [],
      runsWhenSettled: 0,
    };
    this.submitted.push(one);
    const end = (how: string): void => {
      one.ends.push(how);
      one.runsWhenSettled = this.threads.runs.get(id) ?? 0;
    };
    // Few names for all kinds: what they take is never what was expected, and sometimes nothing is known of them.
    const name = `simulated ${choice % 4}`;
    const input = { id, kind };
    const limits = {
      ...(one.hasDeadline ? { deadlineMs: 1 + (choice % 7) } : {}),
      ...(cancel ? { signal: cancel.signal } : {}),
    };
    this.lane.run(name, input, { isRepeatable: one.isRepeatable, ...limits }).then(
      (value) => end(value === id ? 'done' : `answered with ${String(value)}`),
      (error: unknown) => end(isAppError(error) ? error.code : String(error)),
    );
  }

  thread(choice: number): SimulatedThread | undefined {
    return [...this.threads.live][choice % Math.max(1, this.threads.live.size)];
  }

  change(options: Partial<CpuWorkersOptions>): void {
    this.options = { ...this.options, ...options };
    this.changes.push(this.lane.reconfigure(this.options));
  }

  check(): void {
    const { draining } = this.lane.state();
    mustHold(draining.editions <= 2, `${draining.editions} editions drain`);
    if (this.submitted.some(({ ends }) => ends.length === 0))
      mustHold(
        [...this.threads.live].every(({ keepsAlive }) => keepsAlive),
        'the process may end before its tasks',
      );
    this.threads.runs.forEach((count, id) => {
      mustHold(count <= (this.submitted[id]!.isRepeatable ? 2 : 1), `task ${id} is run ${count} times`);
    });
  }

  /** Lets everything come to its end. */
  async finish(): Promise<void> {
    for (let turn = 0; turn < 2_000 && this.submitted.some(({ ends }) => ends.length === 0); turn++) await this.turn();
    await this.turnUntilSettled();
  }

  private async turnUntilSettled(): Promise<void> {
    let isSettled = false;
    void Promise.all(this.changes).then(() => (isSettled = true));
    for (let turn = 0; turn < 2_000; turn++) {
      await this.turn();
      if (isSettled) return;
    }
    throw new Error('A change of settings never came to its end.');
  }

  private async turn(): Promise<void> {
    this.check();
    for (const thread of this.threads.live) {
      thread.release();
      thread.step();
      thread.deliver();
    }
    await settleMicrotasks();
    await this.clock.advance(1);
  }
}

const MOVES: readonly ((world: World, choice: number) => void | Promise<void>)[] = [
  (world, choice) => world.submit(choice),
  (world, choice) => {
    for (let one = 0; one < choice % 12; one++) world.submit(choice + one);
  },
  (world, choice) => world.thread(choice)?.step(),
  (world, choice) => {
    for (let one = 0; one < choice % 8; one++) world.thread(choice)?.step();
  },
  (world, choice) => world.thread(choice)?.deliver(),
  (world, choice) => world.thread(choice)?.release(),
  () => settleMicrotasks(),
  (world, choice) => world.clock.advance(choice % 4),
  (world, choice) => world.clock.advance((choice % 4) * 20),
  (world, choice) => world.submitted[choice % Math.max(1, world.submitted.length)]?.cancel?.abort(),
  (world, choice) => world.change({ maxWorkers: 1 + (choice % 4), minWorkers: choice % 2 }),
  (world, choice) => world.change({ oldGenerationBytes: (32 + (choice % 5)) * MB }),
  (world, choice) => world.change({ groupLimit: 1 + (choice % 16) }),
  (world, choice) => world.thread(choice)?.crash(new AppError('WORKER_LOST', 'crashed')),
  (world, choice) => {
    const thread = world.thread(choice);
    if (thread !== undefined) thread.externalBytes = (choice % 200) * MB;
  },
];

const moves = fc.array(fc.tuple(fc.nat(MOVES.length - 1), fc.nat(1_000)), { minLength: 4, maxLength: 40 });

test(
  'in any order of submits, resizes, cancels, deadlines and deaths each task settles once and is never run too often, and there are never more threads than wanted and one',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (chosen) => {
        const world = new World();
        for (const [move, choice] of chosen) {
          await MOVES[move]!(world, choice);
          await Promise.resolve();
          world.check();
        }
        await world.finish();
        world.check();
        expect(world.threads.live.size).toBeLessThanOrEqual(world.options.maxWorkers);
        for (const { start, keepsAlive } of world.threads.live) {
          expect(start.oldGenerationBytes).toBe(world.options.oldGenerationBytes);
          expect(keepsAlive).toBe(false);
        }
        world.submitted.forEach(({ kind, ends, cancel, hasDeadline, runsWhenSettled }, id) => {
          expect(ends).toHaveLength(1);
          const limits = [...(cancel ? ['TASK_CANCELLED'] : []), ...(hasDeadline ? ['TASK_TIMED_OUT'] : [])];
          expect([...ENDS[kind], ...limits]).toContain(ends[0]);
          expect(world.threads.runs.get(id) ?? 0).toBe(runsWhenSettled);
        });
        const closing = world.lane[Symbol.asyncDispose]();
        for (const thread of world.threads.live) thread.step();
        await closing;
        expect(world.lane.stats()).toEqual([]);
      }),
      { numRuns: INTERLEAVINGS },
    );
  },
);
