import { expect, test } from 'vitest';
import {
  findExample,
  findFleets,
  isFirstRun,
  toAgentWords,
  toAgo,
  toExampleWords,
} from '../../../../renderer/views/fleets/fleets-model.ts';
import {
  findLaunchObstacle,
  toBudgetWords,
  toCostWords,
  toSizeWords,
} from '../../../../renderer/views/fleets/preview/preview-model.ts';
import type { FleetPreview, KnownFleet } from '../../../../shared/contract/fleets.ts';

const fleet: KnownFleet = {
  path: '/x/repo-survey.yaml',
  name: 'repo-survey',
  description: 'Files report',
  origin: 'example',
  exists: true,
};
const lastRun = {
  runId: 'r',
  state: 'done',
  startedAtMs: 1,
  agents: 3,
  failed: 0,
  costUsd: 0,
} as KnownFleet['lastRun'];
const preview: FleetPreview = {
  name: 'a',
  description: '',
  workspace: '/x',
  groups: [],
  agents: 72,
  concurrentAgents: 12,
  turnsPerAgent: 6,
  toolCallsPerAgent: 12,
  minutesPerAgent: 2,
  allow: [],
  budget: {},
  cost: { isFree: true },
  providers: [],
  warnings: [],
};

test('fleets are found by every word, wherever it stands', () => {
  expect(findFleets([fleet], 'SURVEY files')).toEqual([fleet]);
  expect(findFleets([fleet], 'survey other')).toEqual([]);
  expect(findFleets([fleet], '  ')).toEqual([fleet]);
});

test('the welcome is for those who never ran anything, and offers the known example', () => {
  const other: KnownFleet = { ...fleet, path: '/x/a.yaml', name: 'a' };
  const sample: KnownFleet = { ...fleet, path: '/x/sample-survey.yaml', name: 'sample-survey' };
  expect(isFirstRun([fleet, other])).toBe(true);
  expect(isFirstRun([fleet, { ...other, lastRun }])).toBe(false);
  expect(findExample([other, fleet])).toBe(fleet);
  expect(findExample([other, sample, fleet])).toBe(fleet);
  expect(findExample([other, sample, { ...fleet, exists: false }])).toBe(sample);
  expect(findExample([other])).toBeUndefined();
  expect(findExample([{ ...fleet, origin: 'added' }])).toBeUndefined();
});

test('of an example it is said how many agents do what', () => {
  expect(toExampleWords('repo-survey', 72)).toBe('72 agents survey this repository. No key, no network.');
  expect(toExampleWords('repo-survey', undefined)).toBe('Agents survey this repository. No key, no network.');
  expect(toExampleWords('sample-survey', 5)).toMatch(/^5 agents survey a small workspace/);
});

test('words for agents and for how long ago', () => {
  expect(toAgentWords({ agents: 1, failed: 0 })).toBe('1 agent');
  expect(toAgentWords({ agents: 1_200, failed: 2 })).toBe('1,200 agents, 2 failed');
  expect(toAgo(0, 59_000)).toBe('just now');
  expect(toAgo(0, 12 * 60_000)).toBe('12 min ago');
  expect(toAgo(0, 50 * 3_600_000)).toBe('2 d ago');
});

test('the cost says how it was reckoned', () => {
  expect(toCostWords(preview).figure).toBe('free');
  expect(toCostWords({ ...preview, cost: { isFree: false, upToUsd: 1.5 } }).figure).toBe('up to $1.50');
  const unknownBy = (cause: 'price' | 'program') =>
    toCostWords({ ...preview, cost: { isFree: false, unknownBy: cause } });
  expect(unknownBy('price')).toMatchObject({ figure: 'unknown', how: expect.stringContaining('`price`') as string });
  expect(unknownBy('program').figure).toBe('unknown');
  expect(unknownBy('program').how).toMatch(/programs/);
  expect(unknownBy('program').how).not.toMatch(/price/);
  expect(toBudgetWords({ ...preview, budget: { usd: 2, tokens: 5_000 } })).toBe('pauses at $2.00 or 5.0 k tokens');
  expect(toSizeWords(preview)).toBe('72 agents, 12 at a time');
});

test('a launch waits for the host, the text, its check and its providers, and says for which', () => {
  const state = { isConnected: true, isChecked: true, problems: 0, preview };
  const lame = { name: 'openai', baseUrl: '', ready: false, problem: 'The key is missing.' };
  expect(findLaunchObstacle(state)).toBeUndefined();
  expect(findLaunchObstacle({ ...state, isConnected: false })).toContain('out of reach');
  expect(findLaunchObstacle({ ...state, problems: 2 })).toBe('Mend the 2 mistakes first.');
  expect(findLaunchObstacle({ ...state, isChecked: false })).toContain('checked');
  expect(findLaunchObstacle({ ...state, preview: { ...preview, providers: [lame] } })).toBe(
    'The provider openai is not ready.',
  );
});
