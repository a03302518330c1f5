import { join } from 'node:path';
import { writeLargeFleet } from '../../support/window/large-fleet.ts';
import { measureLongDay } from '../screens/long-day.ts';
import { measureBarePage, measureEmptyStart, measureLargeStart } from '../screens/start-page.ts';
import { measureWatching } from '../screens/watch-run.ts';
import type { FigureTarget, Scenario, Section } from '../section.ts';

const LARGE = { agents: 10_000, concurrentAgents: 256, callsPerAgent: 2 };
const TEN_THOUSAND_CALLS = join(import.meta.dirname, '../../../examples/ten-thousand-calls.yaml');

const ours = 'flotilla';

/** PERFORMANCE.md, section *screens*. A second's window may hold the edge of one more message than its rate. */
const figures: readonly FigureTarget[] = [
  { ours, measure: 'frameWorkP95Ms', atMost: 8 },
  { ours, measure: 'longestTaskMs', atMost: 50 },
  { ours, measure: 'frameCpuP95Ms', atMost: 8 },
  { ours, measure: 'longestTaskCpuMs', atMost: 50 },
  { ours, measure: 'pixelP99Ms', atMost: 250 },
  { ours, measure: 'messagesPerSec', atMost: 11 },
  { ours, measure: 'loopDelayMedianP99Ms', atMost: 10 },
];

function watch(name: string, load: string, measure: Scenario['subjects'][string]): Scenario {
  return {
    name,
    question: 'What does watching it cost the page, and how late does the page show it?',
    load,
    subjects: { [ours]: measure },
    ours: [ours],
    compare: [],
    figures,
  };
}

const longDay: Scenario = {
  name: 'long day',
  question: 'Does the page hold more after a day of one run than after its first hour?',
  load: '24 hours of seconds as fast as the page takes them: 10,000 agents of which 300 change each second, six figures, an open log',
  subjects: { [ours]: measureLongDay },
  ours: [ours],
  compare: [],
  figures: [{ ours, measure: 'isFlat', atLeast: 1 }],
};

const empty = 'flotilla, empty history';
const bare = 'bare page';

const start: Scenario = {
  name: 'start',
  question:
    'When does the page answer, from the first byte of its document, with ten million turns and calls in history?',
  load: 'ten pages one after the other, each in a fresh profile, the first not counted; then a past run of 10,000 agents and two searches',
  subjects: { [ours]: measureLargeStart, [empty]: measureEmptyStart, [bare]: measureBarePage },
  ours: [ours, empty],
  compare: ['interactiveMs', 'listMs'],
  figures: [{ ours, measure: 'interactiveMs', atMost: 500 }],
};

export const section: Section = {
  name: 'screens',
  question: 'Can a large run be watched, with the log of one agent open, without the page or the runtime stumbling?',
  notes: [
    'The program is served (`flotilla serve`) and the page is Chromium without a window, 1920×1080, drawn by the processor; program, its helpers and browser share the machine.',
    'The page launches the fleet itself, and its main thread is traced from 1.5 s after the run is shown to its end. `frameWorkP95Ms` is everything that thread ran between two frames, by the clock.',
    '`frameCpu…` and `longestTaskCpuMs` are of the same tasks the time that the thread had a processor for: on two cores the browser, the program and its helpers take turns, and what the page waits for them is no work of the page.',
    '`pixelP99Ms`: from the end of an agent, as the runtime recorded it, to the first painted frame that counts it.',
    "`messagesPerSec`: of the stream that sent most, in its busiest second after its baseline. `loopDelay…`: main's own p99 of each second, their median and their worst.",
  ],
  scenarios: [
    watch('10,000 agents', '10,000 simulated agents, 256 at a time, 2 tool calls each', () =>
      measureWatching({ agents: LARGE.agents, write: (folder) => writeLargeFleet(folder, LARGE) }),
    ),
    watch('ten thousand calls', 'as `examples/ten-thousand-calls.yaml`: 10,000 tool calls of simulated agents', () =>
      measureWatching({ agents: 240, write: async () => TEN_THOUSAND_CALLS }),
    ),
    longDay,
    start,
  ],
};
