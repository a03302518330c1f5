import { measureSearch } from '../knowledge/measure.ts';
import type { Section } from '../section.ts';

const OURS = 'ours, one memory for all threads';
const COPIED = 'a copy in each thread';

export const section: Section = {
  name: 'knowledge',
  question: 'What does sharing the documents of a fleet between threads save, and what does it cost?',
  notes: [
    'Both search with the same code; the copy is one piece of memory too, which is the least that a copy can take. `residentMb` is what the threads add, their own heaps and stacks among it.',
    'Every search reads the vectors of all passages in place; the passages that it answers are copied out as strings, in both.',
    'Eight threads share the cores there are, so that a search waits for a core as others do: the times tell shared from copied, not how fast one search is alone.',
  ],
  scenarios: [
    {
      name: '20,000 passages, 8 threads',
      question: 'How much memory do the threads add, and how long does a search take?',
      load: '20,000 made passages of 120 words; each thread makes 200 searches of 6 words, one after the other',
      subjects: { [OURS]: () => measureSearch(false), [COPIED]: () => measureSearch(true) },
      ours: [OURS],
      nodeFlags: { [OURS]: ['--expose-gc'], [COPIED]: ['--expose-gc'] },
      compare: ['residentMb', 'p99Ms'],
      targets: [{ ours: OURS, rival: COPIED, measure: 'residentMb', atMost: 0.6 }],
    },
  ],
};
