import { boundedFlood } from '../limiters/bounded-flood.ts';
import { LIMITERS, OURS, OURS_PLAIN, RING } from '../limiters/limiters.ts';
import { measureAtDepth } from '../limiters/queue-growth.ts';
import { closedLoop, flood, openLoad, type Submit } from '../loads.ts';
import type { Measured, Scenario, Section, Subject, Target } from '../section.ts';

const LOOP_TASKS = 600_000;
const LOOP_WARM_UP = 200_000;

/** Every limiter under one load. */
function everyLimiter(
  maxRunning: number,
  callers: number,
  load: (submit: Submit) => Promise<Measured>,
  leaveOut: readonly string[] = [],
): Record<string, Subject> {
  return Object.fromEntries(
    Object.entries(LIMITERS)
      .filter(([name]) => !leaveOut.includes(name))
      .map(([name, open]) => [name, async () => load(await open(maxRunning, callers))]),
  );
}

function atLeast(rival: string, factor: number): Target {
  return { ours: OURS, rival, measure: 'opsPerSec', atLeast: factor };
}

const LOOP_100 = [atLeast('p-queue', 4), atLeast('p-limit', 2), atLeast('fastq, promises', 1)];
const LOOP_2000 = [atLeast(RING, 0.7)];

function loop(callers: number, maxRunning: number, targets: readonly Target[]): Scenario {
  const isFull = maxRunning < callers;
  return {
    name: `closed loop of ${callers}${isFull ? `, ${maxRunning} slots` : ''}`,
    question: isFull
      ? 'What does a no-op async task cost when half of the callers always have to wait in the queue?'
      : 'What does a no-op async task cost when a slot is free?',
    load: `${callers} callers, each submits again when its last task has ended; ${maxRunning} slots; ${LOOP_WARM_UP.toLocaleString('en-US')} tasks of warm-up, ${LOOP_TASKS.toLocaleString('en-US')} measured; every caller is an agent of its own with a deadline of half an hour`,
    subjects: everyLimiter(maxRunning, callers, (submit) => closedLoop(submit, callers, LOOP_TASKS, LOOP_WARM_UP)),
    ours: [OURS, OURS_PLAIN],
    compare: ['opsPerSec'],
    targets,
  };
}

const FLOOD_TASKS = 1_000_000;

const floodOfAMillion: Scenario = {
  name: 'flood of 1,000,000',
  question: 'A million tasks submitted in one go: how fast do they drain, and what memory do they need at the peak?',
  load: 'no warm-up, as a flood comes cold; 100 slots, queue of 2,000,000; 1,000 agents, each task with a deadline',
  subjects: everyLimiter(100, 1_000, (submit) => flood(submit, FLOOD_TASKS)),
  ours: [OURS, OURS_PLAIN],
  compare: ['opsPerSec', 'peakRssBytes'],
};

const boundedFloodOfAMillion: Scenario = {
  name: 'flood of 1,000,000 into a queue of 10,000',
  question:
    'The same flood into a bounded queue: is everything that was refused done in the end, and does memory stay flat?',
  load: 'no warm-up; 100 slots; bursts of 20,000, what is refused comes back after `retryAfterMs`; checked: each task started once',
  subjects: {
    '1,000,000 tasks': () => boundedFlood(FLOOD_TASKS, 10_000),
    '100,000 tasks': () => boundedFlood(FLOOD_TASKS / 10, 10_000),
  },
  ours: ['1,000,000 tasks'],
  compare: ['peakRssBytes', 'opsPerSec'],
};

const sleep5Ms = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const shortTasks: Scenario = {
  name: '10,000 tasks of 5 ms',
  question: 'How close to the ideal schedule of 25 ms do 10,000 tasks of 5 ms come?',
  load: 'all submitted at once, 2,000 slots, after one such batch of warm-up',
  subjects: everyLimiter(2_000, 1_000, async (submit) => {
    await flood(submit, 10_000, sleep5Ms);
    return flood(submit, 10_000, sleep5Ms);
  }),
  ours: [OURS, OURS_PLAIN],
  compare: ['totalMs'],
};

const OPEN_SLOTS = 64;
/** 64 slots of tasks that take about 5 ms: half of what they can do. */
const OPEN_PER_SEC = 6_000;

const waitAtHalfLoad: Scenario = {
  name: 'submit to start at 50 % load',
  question: 'How long does a task wait for its start in a lane that is half full?',
  load: `open (Poisson), ${OPEN_PER_SEC} a second, ${OPEN_SLOTS} slots, tasks of 5 ms; 0.3 s of warm-up, 2 s measured, from the intended arrival`,
  subjects: everyLimiter(
    OPEN_SLOTS,
    1_000,
    async (submit) => {
      await openLoad(submit, { perSec: OPEN_PER_SEC, durationMs: 300, work: sleep5Ms, seed: 1 });
      return openLoad(submit, { perSec: OPEN_PER_SEC, durationMs: 2_000, work: sleep5Ms, seed: 2 });
    },
    ['no limit'],
  ),
  ours: [OURS, OURS_PLAIN],
  compare: ['p50Ms', 'p99Ms'],
  targets: [{ ours: OURS, rival: 'p-limit', measure: 'p99Ms', atMost: 1 }],
};

const MEASURES = ['submitNs', 'startNs', 'cancelNs', 'abortNs'];
const SMALL = '1,000 waiting';

const growth: Scenario = {
  name: 'the queue as it grows',
  question: 'What do submitting, starting and cancelling cost as more and more waits?',
  load: 'one slot; 21 batches of 1,000 operations each, median; the waiting tasks belong to 100 agents and have deadlines',
  subjects: {
    [SMALL]: () => measureAtDepth(1_000),
    '30,000 waiting': () => measureAtDepth(30_000),
    '1,000,000 waiting': () => measureAtDepth(1_000_000),
  },
  ours: ['30,000 waiting', '1,000,000 waiting'],
  compare: MEASURES,
  targets: MEASURES.map((measure) => ({ ours: '1,000,000 waiting', rival: SMALL, measure, atMost: 3 })),
};

export const section: Section = {
  name: 'lane',
  question: 'What does the bounded lane cost, with everything switched on, beside limiters that do less?',
  notes: [
    '`ours` asks on every call for what a call of an agent asks for: its place among the agents of its run, a priority, a deadline. `ours, nothing asked for` is the same lane without. Metrics, fairness, cancellation and bounds are always on; there is no other mode.',
    'p-limit, p-queue and async.queue know no deadlines; of the rivals only p-queue has priorities, and none has fairness, a bound on its queue or figures. The bare promise ring (`limiters/promise-ring.ts`) has nothing but the bound.',
    'fastq is given a worker that hands on the promise; async.queue a callback worker: the faster way of each. Callback interfaces are not compared here: nothing in Flotilla could use one.',
    "Go's ants is not measured here: the machine has no Go and no way to its module proxy.",
  ],
  scenarios: [
    loop(100, 100, LOOP_100),
    loop(100, 50, LOOP_100),
    loop(2_000, 2_000, LOOP_2000),
    loop(2_000, 1_000, LOOP_2000),
    floodOfAMillion,
    boundedFloodOfAMillion,
    shortTasks,
    waitAtHalfLoad,
    growth,
  ],
};
