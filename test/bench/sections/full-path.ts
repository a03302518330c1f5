import { measureSustained } from '../full-path/sustained.ts';
import type { Section } from '../section.ts';

/** FULL_PATH_SEC shortens it for a look. */
const DURATION_MS = Number(process.env['FULL_PATH_SEC'] ?? 30) * 1_000;

const ours = 'flotilla';
const unrecorded = 'flotilla, nothing recorded';

export const section: Section = {
  name: 'full-path',
  question: 'How many tool calls a second go the whole way, through gate, tools, ledger, session and durable history?',
  notes: [
    'Turns come from a recording (16 calls a turn, 25 turns an agent, 64 agents at a time), so that no provider takes a core; the tool does nothing.',
    'Target: at least 50,000 a second, the event-loop delay of main at most 5 ms at p99, memory flat (the interval of its slope holds 0).',
    '`flotilla, nothing recorded` is the same without history: the ratio is what recording costs.',
    '`lostOrDuplicated` compares history with the file the tools write, for every run of the round.',
  ],
  scenarios: [
    {
      name: 'sustained',
      question: 'At which rate, with which delay of the event loop, and with which growth of memory?',
      load: 'closed loop of 64 agents, 16 calls each at a time; 5 s of warm-up, 30 s measured',
      subjects: {
        [ours]: () => measureSustained(DURATION_MS, true),
        [unrecorded]: () => measureSustained(DURATION_MS / 3, false),
      },
      ours: [ours],
      nodeFlags: { [ours]: ['--max-semi-space-size=8'], [unrecorded]: ['--max-semi-space-size=8'] },
      compare: ['opsPerSec', 'loopDelayP99Ms', 'peakRssBytes'],
      figures: [
        { ours, measure: 'opsPerSec', atLeast: 50_000 },
        { ours, measure: 'loopDelayP99Ms', atMost: 5 },
      ],
    },
  ],
};
