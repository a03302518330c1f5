import { type Form, measureMessages } from '../messages/agent-messages.ts';
import type { Scenario, Section } from '../section.ts';

const FORMS: readonly Form[] = ['table', 'JSON columns', 'JSON rows'];

function scenario(name: string, rows: number): Scenario {
  return {
    name,
    question: `What does a message of ${rows.toLocaleString('en-US')} agents cost both ends?`,
    load: 'encode, frame, unframe, decode, look at one column and at thirty rows; 0.5 s of warm-up, 2 s measured',
    subjects: Object.fromEntries(FORMS.map((form) => [form, () => measureMessages(form, rows)])),
    ours: ['table'],
    compare: ['p50Ms', 'messageBytes', 'encodeP50Ms', 'decodeP50Ms'],
  };
}

export const section: Section = {
  name: 'messages',
  question: 'What do agents cost on their way to the window, as one binary table and as JSON?',
  notes: [
    '`JSON columns` has one array a column, `JSON rows` one object an agent; both are the same values as the table.',
    'Without a socket: what is compared is the work of the two event loops and the bytes between them.',
  ],
  scenarios: [
    scenario('all agents', 10_000),
    scenario('what changed in 100 ms', 300),
    scenario('a run of 100,000', 100_000),
  ],
};
