import { measureBareSqlite } from '../history/bare-sqlite.ts';
import { measureIngest, measurePaced, measurePacedForNobody, measureSize } from '../history/sink-ingest.ts';
import type { Section } from '../section.ts';

const ours = 'flotilla';
const bare = 'better-sqlite3';
const nobody = 'nothing recorded';
const MAIN_FLAGS = ['--max-semi-space-size=8'];

const WARM_UP_CALLS = 50_000;
/** Few enough that the word index does not reach its bound: built behind ingest, it works when nothing waits. */
const CALLS = 400_000;
/** Enough that it is at its bound for most of the time, and keeps pace with ingest. */
const MANY_CALLS = 1_500_000;

export const section: Section = {
  name: 'history',
  question: 'What does it cost to record tool calls durably, beside SQLite alone, and what does the event loop notice?',
  notes: [
    'A record is a tool call: its beginning and its end are emitted, the row holds both.',
    '`better-sqlite3` writes the same rows with the same schema and indexes, in transactions of 1,000, in one thread, with nothing else to do ([performance](https://github.com/WiseLibs/better-sqlite3/blob/master/docs/performance.md): WAL). Neither has filled the word index when the clock stops; ours begins with it at once.',
    '`flotilla, index at its bound` is long enough that the word index is as far behind as it may be (500,000 rows): from then on it takes in as many rows as are written.',
    '`nothing recorded` makes the same events at the same rate and drops them: the delay that the machine has by itself.',
    'Targets: ingest at least 0.8 of better-sqlite3; at 50,000 a second the delay of the event loop at most 4 ms at p99; at most 1.3 of its bytes a record, without the word index.',
  ],
  scenarios: [
    {
      name: 'ingest',
      question: 'How many records a second become durable through the whole way?',
      load: `closed loop that waits for room; ${WARM_UP_CALLS} calls of warm-up, ${CALLS} measured (${MANY_CALLS} at the bound)`,
      subjects: {
        [ours]: () => measureIngest(WARM_UP_CALLS, CALLS),
        'flotilla, index at its bound': () => measureIngest(WARM_UP_CALLS, MANY_CALLS),
        [bare]: () => measureBareSqlite(WARM_UP_CALLS, CALLS),
      },
      ours: [ours, 'flotilla, index at its bound'],
      nodeFlags: { [ours]: MAIN_FLAGS, 'flotilla, index at its bound': MAIN_FLAGS },
      compare: ['opsPerSec', 'peakRssBytes'],
      targets: [{ ours, rival: bare, measure: 'opsPerSec', atLeast: 0.8 }],
    },
    {
      name: 'paced',
      question: 'What does the event loop notice of 50,000 records a second?',
      load: '50,000 calls a second, a millisecond’s worth at a time; 2 s of warm-up, 10 s measured',
      subjects: {
        [ours]: () => measurePaced(50_000, 2_000, 10_000),
        [nobody]: () => measurePacedForNobody(50_000, 2_000, 10_000),
      },
      ours: [ours],
      nodeFlags: { [ours]: MAIN_FLAGS, [nobody]: MAIN_FLAGS },
      compare: ['loopDelayP99Ms'],
      figures: [{ ours, measure: 'loopDelayP99Ms', atMost: 4 }],
    },
    {
      name: 'size',
      question: 'How many bytes does a record take on the disk?',
      load: `${CALLS} calls`,
      subjects: { [ours]: () => measureSize(CALLS), [bare]: () => measureBareSqlite(0, CALLS) },
      ours: [ours],
      compare: ['bytesPerEvent'],
      targets: [{ ours, rival: bare, measure: 'bytesPerEvent', atMost: 1.3 }],
    },
  ],
};
