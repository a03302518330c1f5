import { measureGc } from '../gc/measure.ts';
import { measurePool, POOL_SIZES } from '../gc/pool.ts';
import type { Scenario, Section } from '../section.ts';

const OURS = 'tuned and pooled';
const DEFAULT = 'default';

const allocation: Scenario = {
  name: 'agent-like allocation',
  question: 'How long does a thread stand still, how much of its time goes to collections, and what does it hold?',
  load: '6,000 steps a second in one thread, by the clock: 16 KB read, a message of 24 lines written and parsed, 200 conversations of 40 messages kept; 3 s of warm-up, 10 s measured; the tuner before that until it holds a size',
  subjects: {
    [OURS]: () => measureGc({ isPooled: true, isTuned: true }),
    tuned: () => measureGc({ isPooled: false, isTuned: true }),
    [DEFAULT]: () => measureGc({ isPooled: false, isTuned: false }),
    'default, pooled': () => measureGc({ isPooled: true, isTuned: false }),
  },
  ours: [OURS, 'tuned'],
  compare: ['p99Ms', 'gcPercent', 'residentMb', 'buffersPer1000'],
  targets: [
    { ours: OURS, rival: DEFAULT, measure: 'p99Ms', atMost: 0.5 },
    { ours: OURS, rival: DEFAULT, measure: 'gcPercent', atMost: 1 },
    { ours: OURS, rival: DEFAULT, measure: 'residentMb', atMost: 0.7 },
    { ours: OURS, rival: DEFAULT, measure: 'buffersPer1000', atMost: 0.15 },
  ],
  figures: [{ ours: OURS, measure: 'p99Ms', atMost: 5 }],
};

const pools: readonly Scenario[] = POOL_SIZES.map((bytes) => ({
  name: `buffers of ${bytes / 1_024} KB`,
  question: 'What does a buffer cost that is written to and given back?',
  load: `closed loop, 64 held at a time, the first and the last byte of each page written; 1 s of warm-up, 2 s measured`,
  subjects: {
    pooled: () => measurePool(bytes, 'pooled'),
    'Buffer.allocUnsafe': () => measurePool(bytes, 'unsafe'),
    'Buffer.alloc': () => measurePool(bytes, 'zeroed'),
  },
  ours: ['pooled'],
  compare: ['opsPerSec', 'gcPercent'],
}));

export const section: Section = {
  name: 'gc',
  question: 'Can a thread that allocates as agents do pause less, without collecting more and with less memory?',
  notes: [
    'Default is what V8 gives a thread that is not told: a young generation of 192 MB on a machine of 16 GB and more. Every subject has 512 MB of old generation and is observed in the same way, by the record every thread of ours keeps.',
    'Pauses are wall-clock time as V8 reports it; on a machine that does other things too they include what others ran meanwhile, so compare ratios of one run.',
    'The share is the time of the pauses divided by the time the thread was busy, both by the wall clock.',
    'The tuner starts at V8’s default with its default aims (4 ms, 10 %); only its times are shorter than in a program.',
  ],
  scenarios: [allocation, ...pools],
};
