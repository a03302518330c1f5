import { closedLoopFor, largeResult, mixedLengths, oneAtATime, type Load } from '../cpu-lane/measure.ts';
import { OURS, OURS_ALONE, PISCINA, PISCINA_16, POOLS, PORTS, type RunTask } from '../cpu-lane/pools.ts';
import type { Measured, Scenario, Section, Subject, Target } from '../section.ts';

const WARM_UP_MS = 700;
const MEASURED_MS = 1_500;
const ours = [OURS, OURS_ALONE];

function everyPool(width: number, measure: (run: RunTask) => Promise<Measured>): Record<string, Subject> {
  return Object.fromEntries(
    Object.entries(POOLS).map(([name, open]) => [name, async () => measure(await open(width))] as const),
  );
}

function atLeast(rival: string, factor: number): Target {
  return { ours: OURS, rival, measure: 'opsPerSec', atLeast: factor };
}

function loop(what: string, load: Pick<Load, 'name' | 'input' | 'width'>, targets: readonly Target[]): Scenario {
  const { width } = load;
  return {
    name: `${what}, ${width.toLocaleString('en-US')} in flight`,
    question: `How many tasks a second do two threads do, and how long does each take, with ${width.toLocaleString('en-US')} in flight?`,
    load: `closed loop of ${width.toLocaleString('en-US')}, ${WARM_UP_MS} ms of warm-up, ${MEASURED_MS} ms measured; CPU of all threads of the process`,
    subjects: everyPool(width, (run) => closedLoopFor(run, { ...load, warmUpMs: WARM_UP_MS, measuredMs: MEASURED_MS })),
    ours,
    compare: ['opsPerSec', 'p99Ms', 'cpuUsPerTask'],
    targets,
  };
}

const idle: Scenario = {
  name: 'one at a time',
  question: 'What does a task cost when nothing else is there?',
  load: '1,000 no-op tasks, each a millisecond after the one before, after as many of warm-up',
  subjects: everyPool(1, (run) => oneAtATime(run, 1_000)),
  ours,
  compare: ['p50Ms', 'p99Ms'],
  targets: [{ ours: OURS, rival: PISCINA, measure: 'p50Ms', atMost: 1.1 }],
};

const mixed: Scenario = {
  name: 'mixed lengths',
  question: 'How long do 63 tasks of a microsecond take that come together with one of 100 ms?',
  load: '10 times all at once, after 10 of warm-up; two threads',
  subjects: everyPool(64, (run) => mixedLengths(run, 10)),
  ours,
  compare: ['p50Ms', 'p99Ms', 'worstMs'],
  figures: [{ ours: OURS, measure: 'worstMs', atMost: 50 }],
};

const large: Scenario = {
  name: 'a 10 MB result',
  question: 'Does the time of a result depend on its size?',
  load: '40 results of 100 KB, then 40 of 10 MB, one at a time; the median of the second half. The bytes are made and written eight at a time, so that most calls only hand them over',
  subjects: everyPool(1, (run) => largeResult(run, 40)),
  ours,
  compare: ['p50Ms', 'sizeRatio'],
  figures: [{ ours: OURS, measure: 'sizeRatio', atMost: 2 }],
};

const text1Kb = 'x'.repeat(1_024);
const text64Kb = 'x'.repeat(65_536);

export const section: Section = {
  name: 'cpu-lane',
  question: 'What do worker threads cost in Flotilla beside the pools of the field, with everything on?',
  notes: [
    'Two threads for every subject. Flotilla: through the gate’s cpu lane with an agent of its own, a priority and a deadline for each caller, figures, claims and stealing on; `threads alone` is the same without the gate.',
    'Piscina and tinypool as their documentation starts them, with as many threads; piscina also with 16 tasks a worker, and with `move` for binary results.',
    'The two grouped subjects have no deadlines, errors, cancellation, stealing or statistics: they are what grouping alone gives.',
  ],
  scenarios: [
    loop('no-op', { name: 'noop', input: undefined, width: 64 }, [atLeast(PISCINA, 10)]),
    loop('no-op', { name: 'noop', input: undefined, width: 1_024 }, [atLeast(PISCINA, 40)]),
    loop('1 KB of text', { name: 'echo', input: text1Kb, width: 64 }, [atLeast(PISCINA, 8)]),
    loop('1 KB of text', { name: 'echo', input: text1Kb, width: 1_024 }, [atLeast(PISCINA, 20)]),
    loop('64 KB of text', { name: 'echo', input: text64Kb, width: 64 }, [atLeast(PISCINA, 1)]),
    loop('64 KB of bytes', { name: 'bytes', input: 65_536, width: 64 }, [atLeast(PISCINA, 1.5)]),
    loop('1 ms of CPU', { name: 'spin', input: 1, width: 64 }, [
      atLeast(PORTS, 0.98),
      { ours: OURS, rival: PISCINA, measure: 'p99Ms', atMost: 1 },
      { ours: OURS, rival: PISCINA_16, measure: 'p99Ms', atMost: 1 },
    ]),
    idle,
    mixed,
    large,
  ],
};
