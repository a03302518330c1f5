import { measureFullLoad } from '../live-change/full-load.ts';
import type { Section } from '../section.ts';

/** LIVE_CHANGE_SEC shortens it for a look. */
const DURATION_MS = Number(process.env['LIVE_CHANGE_SEC'] ?? 120) * 1_000;
const EVERY_MS = 5_000;

const ours = 'limits change every 5 s';
const steady = 'limits stay';

export const section: Section = {
  name: 'live-change',
  question: 'What does a change of limits under full load cost, and when does it act?',
  notes: [
    'The whole program as `flotilla run` composes it, 16 agents at a time: half call a task of 1 ms in a worker thread, 64 a turn; half read files through the cache of tool results, 32 a turn. The simulated provider has its own process on the same cores.',
    'In turn: worker threads 2 → 8 → 2, their heaps 128 → 96 → 128 MB, entries of the cache of tool results 20,000 → 50 → 20,000, connections to the provider 8 → 1 → 8.',
    'A change acts when it is seen: threads counted, drained ones included; heap limits measured in every thread; entries of the cache; connections of the provider. `actsMaxMs` is from asking for it, the tasks that run then included.',
    '`longestDipMs` is the longest time in one piece in which fewer tool calls ended, by tenths of a second, than 90 % of the median; `limits stay` has dips of its own, from the machine.',
    'A round throws when a call was lost or ran twice, an agent failed, a thread was lost, or a change could not be seen to act.',
  ],
  scenarios: [
    {
      name: 'full load',
      question: 'Which throughput, with which dips, and how soon does a change act?',
      load: 'closed: 16 agents at a time; 8 s of warm-up, 2 minutes measured, a change every 5 s',
      subjects: { [ours]: () => measureFullLoad(DURATION_MS, EVERY_MS), [steady]: () => measureFullLoad(DURATION_MS) },
      ours: [ours],
      nodeFlags: { [ours]: ['--max-semi-space-size=8'], [steady]: ['--max-semi-space-size=8'] },
      compare: ['opsPerSec', 'longestDipMs'],
      targets: [{ ours, rival: steady, measure: 'opsPerSec', atLeast: 0.9 }],
      figures: [
        { ours, measure: 'longestDipMs', atMost: 500 },
        { ours, measure: 'actsMaxMs', atMost: 1_000 },
      ],
    },
  ],
};
