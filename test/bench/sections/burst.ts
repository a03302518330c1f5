import { CALL_MS, CALLS, measureBareBurst, measureCallBurst } from '../burst/call-burst.ts';
import { measureSubmissionBurst, measureWaitingCallers } from '../burst/submission-burst.ts';
import { LIMITERS, RING } from '../limiters/limiters.ts';
import type { Scenario, Section } from '../section.ts';

const SLOTS = 256;
const AGENTS = 40;
const MILLION = 1_000_000;
const QUEUE = 10_000;

const ours = 'flotilla';
const unbounded = 'flotilla, unbounded';
const idealMs = Math.ceil(CALLS / SLOTS) * CALL_MS;

const calls: Scenario = {
  name: '10,000 calls',
  question:
    'Ten thousand tool calls arrive at once: is each done once, how late is the last, and what memory does it take?',
  load: `${CALLS.toLocaleString('en-US')} calls of ${CALL_MS} ms by ${AGENTS} agents in one go, ${SLOTS} slots (the ideal schedule is ${idealMs} ms), after ten bursts of 1,000; times from the burst to each end`,
  subjects: {
    [ours]: () => measureCallBurst(SLOTS),
    [unbounded]: () => measureCallBurst(CALLS),
    [RING]: async () => measureBareBurst(await LIMITERS[RING]!(SLOTS, AGENTS)),
    'gate alone': async () => measureBareBurst(await LIMITERS['ours']!(SLOTS, AGENTS)),
    'no limit': async () => measureBareBurst(await LIMITERS['no limit']!(SLOTS, AGENTS)),
  },
  ours: [ours, 'gate alone'],
  nodeFlags: { [ours]: ['--max-semi-space-size=8'], [unbounded]: ['--max-semi-space-size=8'] },
  compare: ['p99Ms', 'aboveIdleMb', 'peakRssBytes'],
  targets: [{ ours, rival: RING, measure: 'p99Ms', atMost: 1.1 }],
  figures: [{ ours, measure: 'aboveIdleMb', atMost: 40 }],
};

const submissions: Scenario = {
  name: '1,000,000 submissions',
  question:
    'A million callers submit at once to a queue of 10,000 and come back when told: is each done once, and what does the gate add to their memory?',
  load: `no warm-up; ${SLOTS} slots, queue of ${QUEUE.toLocaleString('en-US')}, 1,000 agents; refused callers come back by \`submitWhenRoom\`; checked: each ran once, the queue never held more`,
  subjects: {
    [ours]: () => measureSubmissionBurst({ count: MILLION, queueCapacity: QUEUE }),
    'queue for all': () => measureSubmissionBurst({ count: MILLION, queueCapacity: MILLION }),
    'callers alone': () => measureWaitingCallers(MILLION),
  },
  ours: [ours],
  compare: ['aboveIdleMb', 'opsPerSec'],
};

export const section: Section = {
  name: 'burst',
  question: 'What happens when everything arrives at once?',
  notes: [
    'On the whole way a call is an event, is parsed by the tool registry, crosses the gate, runs, is noted in the ledger, and is recorded by history on its own threads; the bare promise ring has nothing but its bound.',
    '`flotilla, unbounded` is the same way with a slot for each call: what an unbounded strategy does to memory and to the event loop.',
    'Each round throws when a call was lost, failed or ran twice (the tool counts, history is compared with the ledger), so `lostOrDuplicated` can only be 0.',
    '`aboveIdleMb` is the highest resident memory seen during the burst above what the warmed-up process held before it; `submittedMb` the same when the last caller has submitted.',
    '`callers alone` are as many async functions that wait for one timer each: the memory a million waiting callers take whatever they wait for.',
  ],
  scenarios: [calls, submissions],
};
