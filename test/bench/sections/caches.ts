import { measureAllTraces, measureBytes, measureRebuild, measureResize, measureTrace } from '../cache/measure.ts';
import { ALL_OURS, CACHES, LRU_CACHE, OURS } from '../cache/subjects.ts';
import { CAPACITY, TRACES } from '../cache/traces.ts';
import { POLICY_KINDS } from '../../../runtime/cache/policies/create-policy.ts';
import type { Measured, Scenario, Section, Subject, Target } from '../section.ts';

const GC = ['--expose-gc'];
const everyCache = (measure: (name: string) => Promise<Measured>): Record<string, Subject> =>
  Object.fromEntries(Object.keys(CACHES).map((name) => [name, () => measure(name)]));
const withGc = (names: readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(names.map((name) => [name, GC]));
const RIVALS = Object.keys(CACHES).filter((name) => !ALL_OURS.includes(name));

function traceScenario(trace: string): Scenario {
  return {
    name: trace,
    question: 'How many requests hit, and how many a second are there?',
    load: `${CAPACITY.toLocaleString('en-US')} entries; a miss is kept; hits from the empty cache on, speed after a quarter of the trace`,
    subjects: everyCache((name) => measureTrace(name, trace)),
    ours: [OURS],
    nodeFlags: withGc(Object.keys(CACHES)),
    compare: ['hitPercent', 'opsPerSec'],
    targets: [{ ours: OURS, rival: LRU_CACHE, measure: 'opsPerSec', atLeast: 1 }],
  };
}

const meanTargets: Target[] = RIVALS.map((rival) => ({ ours: OURS, rival, measure: 'meanHitPercent', atLeast: 1 }));

const allTraces: Scenario = {
  name: 'all traces',
  question: 'Is one policy good on every trace?',
  load: 'the mean of the hit ratios of the traces above, from the empty cache on',
  subjects: everyCache(measureAllTraces),
  ours: [OURS],
  compare: ['meanHitPercent'],
  targets: meanTargets,
  figures: [{ ours: OURS, measure: 'pointsBehindLru', atMost: 1 }],
};

const bytes: Scenario = {
  name: 'bytes an entry',
  question: 'What does an entry cost beside its key and value?',
  load: `${CAPACITY.toLocaleString('en-US')} entries, after twice as many keys; heap and array buffers after a full collection`,
  subjects: everyCache((name) => measureBytes(name, CAPACITY)),
  ours: ALL_OURS,
  nodeFlags: withGc(Object.keys(CACHES)),
  compare: ['bytesPerEntry'],
  targets: ALL_OURS.map((ours) => ({ ours, rival: LRU_CACHE, measure: 'bytesPerEntry', atMost: 1.3 })),
};

const REBUILT = 'lru-cache, a smaller one filled from it';
const resized = POLICY_KINDS.map((kind) => `ours, ${kind}`);

const resize: Scenario = {
  name: 'resize of 1,000,000 entries',
  question: 'How long does the event loop stand still while a cache is made ten times smaller?',
  load: '1,000,000 entries to 100,000; the longest turn of the event loop until it is done',
  subjects: {
    ...Object.fromEntries(POLICY_KINDS.map((kind) => [`ours, ${kind}`, () => measureResize(kind)])),
    [REBUILT]: measureRebuild,
  },
  ours: resized,
  nodeFlags: withGc([...resized, REBUILT]),
  compare: ['maxMs'],
  figures: resized.map((ours) => ({ ours, measure: 'maxMs', atMost: 5 })),
};

export const section: Section = {
  name: 'caches',
  question: 'Is one bounded cache good on every trace, as fast and as small as one that can do less?',
  notes: [
    'Keys are strings, values one small object. Ours counts bytes, keeps figures and its forecast of half and twice the size, and could expire, pin and be resized: there is no other mode. The rivals are bounded in entries only.',
    'lru-cache is set up with `max` alone, its fastest mode; @neophi/sieve-cache and transitory as their READMEs say. ARC is written for this comparison after the paper, since no package was found; S3-FIFO is ours.',
    'The trace of tool results is made, not recorded: 400 agents that each work on 120 neighbouring files for 600 calls, go back to what they read lately, and share some popular files.',
    'quick-lru and flru keep up to twice their size and are not comparable.',
  ],
  scenarios: [...Object.keys(TRACES).map(traceScenario), allTraces, bytes, resize],
};
