import { measureAmongHostile } from '../hostile/among-hostile.ts';
import type { Section } from '../section.ts';

const ours = 'among hostile agents';
const alone = 'without them';

export const section: Section = {
  name: 'hostile',
  question: 'How much later do agents end when others of their fleet spin, leak, flood and crash their threads?',
  notes: [
    'The same program on both sides, as `flotilla run` composes it: gate, history, ledger, metrics, simulated provider in its own process.',
    'Hostile: one agent each that spins for 1 s, fills its heap (64 MB), fills buffers (64 MB), ends its thread, ends it with a task that may be repeated, and one that calls an io tool 128 at a time under `io.maxPerAgent` 16. Each of the first five rests 4 s before each harm, so that they leave a core to the others; 6 threads.',
    'The others arrive at random (Poisson, 10 a second, the same times in every round) and make three calls each, two of them in threads; times are from the intended arrival to the end of the agent.',
    'A round throws when a call was lost or ran twice, when an agent failed, or when a kind of harm did not happen.',
  ],
  scenarios: [
    {
      name: 'one fleet',
      question: 'How long from its arrival to the end of an agent?',
      load: 'open: 300 agents that behave, the first 20 not counted, after 4 s of warm-up',
      subjects: { [ours]: () => measureAmongHostile(true), [alone]: () => measureAmongHostile(false) },
      ours: [ours],
      nodeFlags: { [ours]: ['--max-semi-space-size=8'], [alone]: ['--max-semi-space-size=8'] },
      compare: ['p99Ms', 'p50Ms'],
      targets: [{ ours, rival: alone, measure: 'p99Ms', atMost: 1.5 }],
    },
  ],
};
