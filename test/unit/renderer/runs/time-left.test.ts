import { expect, test } from 'vitest';
import {
  addSample,
  type AgentSteps,
  estimateLeft,
  type Sample,
} from '../../../../renderer/views/runs/page/time-left-model.ts';
import { AGENT_STATES, type AgentState } from '../../../../shared/model/states.ts';

type Agents = readonly (readonly [count: number, state: AgentState, turns: number])[];

const agentsOf = (agents: Agents): AgentSteps => {
  const rows = agents.flatMap(([count, state, turns]) => Array.from({ length: count }, () => ({ state, turns })));
  return {
    size: rows.length,
    state: rows.map(({ state }) => AGENT_STATES.indexOf(state)),
    numbers: { turns: rows.map(({ turns }) => turns) },
  };
};

/** Samples each second from one time at work to another, of a run that makes so many steps a second. */
function live(
  fromMs: number,
  toMs: number,
  { perSec, running, steps = 0 }: { readonly perSec: number; readonly running: number; readonly steps?: number },
  before: readonly Sample[] = [],
): readonly Sample[] {
  let samples = before;
  for (let tookMs = fromMs; tookMs <= toMs; tookMs += 1_000)
    samples = addSample(samples, { tookMs, steps: Math.floor(steps + (perSec * (tookMs - fromMs)) / 1_000), running });
  return samples;
}

const left = (samples: readonly Sample[], agents: Agents, turnsPerAgent?: number) => {
  const known = agentsOf(agents);
  return estimateLeft(samples, { agents: known.size, turnsPerAgent }, known);
};

test('in the first wave the time left is bounded by the turns an agent may take', () => {
  const samples = live(1_000, 10_000, { perSec: 20, running: 10, steps: 20 });
  // 10 agents at work with 20 turns each, 90 to come; each may take 39 turns and ends once.
  const estimate = left(
    samples,
    [
      [10, 'asking', 20],
      [90, 'queued', 0],
    ],
    39,
  );
  expect(estimate).toEqual({ ms: ((10 * 20 + 90 * 40) / 20) * 1_000, isBound: true });
  expect(
    left(samples, [
      [10, 'asking', 20],
      [90, 'queued', 0],
    ]),
  ).toBeUndefined();
});

test('when agents have ended, those to come are taken to be as long as they were', () => {
  const samples = live(1_000, 10_000, { perSec: 20, running: 10, steps: 20 });
  const agents: Agents = [
    [5, 'done', 9],
    [10, 'running tools', 4],
    [85, 'queued', 0],
  ];
  expect(left(samples, agents, 1_000)).toEqual({ ms: ((10 * 6 + 85 * 10) / 20) * 1_000, isBound: false });
});

test('agents that were cut short do not tell how long one is', () => {
  const samples = live(1_000, 10_000, { perSec: 20, running: 10, steps: 20 });
  const agents: Agents = [
    [5, 'done', 9],
    [5, 'stopped', 1],
    [10, 'asking', 0],
  ];
  expect(left(samples, agents)?.ms).toBe(((10 * 10) / 20) * 1_000);
});

test('the last agents end at their own pace, not at that of the whole width', () => {
  const samples = live(0, 60_000, { perSec: 20, running: 10 });
  // Ten agents made 20 steps a second, so one makes two; it has six left.
  expect(
    left(samples, [
      [50, 'done', 9],
      [1, 'asking', 4],
    ])?.ms,
  ).toBe(3_000);
});

test('an agent that has taken more turns than the others has one step left, and no negative time', () => {
  const samples = live(0, 60_000, { perSec: 1, running: 1 });
  expect(
    left(samples, [
      [50, 'done', 3],
      [1, 'asking', 40],
    ])?.ms,
  ).toBe(1_000);
});

test('programs have no turns: the rate at which they end tells', () => {
  const samples = live(0, 60_000, { perSec: 2, running: 4 });
  expect(
    left(samples, [
      [120, 'done', 0],
      [4, 'running tools', 0],
      [96, 'queued', 0],
    ])?.ms,
  ).toBe(50_000);
});

test('a page that is opened late, or again after a resume, knows the rate of the whole run at once', () => {
  const [sample] = [{ tookMs: 100_000, steps: 2_000, running: 10 }];
  expect(
    left(addSample([], sample), [
      [150, 'done', 9],
      [10, 'asking', 5],
      [40, 'queued', 0],
    ])?.ms,
  ).toBe(22_500);
  // The host was away for an hour: time at work knows nothing of it.
  const resumed = addSample([], { tookMs: 101_000, steps: 2_010, running: 10 });
  expect(
    left(resumed, [
      [150, 'done', 9],
      [10, 'asking', 6],
      [40, 'queued', 0],
    ])?.ms,
  ).toBeCloseTo(22_110, -2);
});

test('a pause takes nothing away: the samples before it go on to count', () => {
  const before = live(0, 30_000, { perSec: 10, running: 5 });
  const after = live(31_000, 33_000, { perSec: 10, running: 5, steps: 310 }, before);
  expect(
    left(after, [
      [33, 'done', 9],
      [67, 'queued', 0],
    ])?.ms,
  ).toBeCloseTo(67_000, -2);
});

test('a run that is slower now is judged by now', () => {
  const quick = live(0, 100_000, { perSec: 100, running: 10 });
  const slow = live(101_000, 170_000, { perSec: 1, running: 10, steps: 10_000 }, quick);
  expect(
    left(slow, [
      [1_000, 'done', 9],
      [10, 'queued', 0],
    ])?.ms,
  ).toBeGreaterThan(90_000);
});

test('a run of few and long turns is judged by a longer past', () => {
  const samples = live(0, 300_000, { perSec: 1 / 50, running: 1 });
  expect(
    left(samples, [
      [1, 'done', 3],
      [1, 'asking', 2],
    ])?.ms,
  ).toBeGreaterThan(60_000);
});

test('nothing is said without a basis: too little time, too few steps, a run that stands still, no agents', () => {
  const agents: Agents = [
    [5, 'done', 9],
    [10, 'asking', 4],
  ];
  expect(left([], agents)).toBeUndefined();
  expect(left(live(1_000, 4_000, { perSec: 20, running: 10 }), agents)).toBeUndefined();
  expect(left(live(1_000, 20_000, { perSec: 0.1, running: 10 }), agents)).toBeUndefined();
  const still = live(0, 70_000, { perSec: 0, running: 10, steps: 500 });
  expect(left(still, agents)).toBeUndefined();
  expect(left(live(1_000, 10_000, { perSec: 20, running: 10 }), [[5, 'done', 9]])).toBeUndefined();
  expect(
    estimateLeft(live(1_000, 10_000, { perSec: 20, running: 1 }), { agents: 5, turnsPerAgent: 9 }, undefined),
  ).toBeUndefined();
});

test('steps that go back begin anew, a sample that came twice is taken once, and no more than ten minutes are kept', () => {
  const samples = live(1_000, 5_000, { perSec: 10, running: 5, steps: 100 });
  expect(addSample(samples, { tookMs: 6_000, steps: 20, running: 5 }).slice(1)).toEqual([
    { tookMs: 6_000, steps: 20, running: 5 },
  ]);
  const twice = addSample(samples, { tookMs: 5_000, steps: 150, running: 5 });
  expect(twice).toHaveLength(samples.length);
  expect(twice.at(-1)).toMatchObject({ steps: 150 });
  expect(live(0, 2_000_000, { perSec: 10, running: 5 }).length).toBeLessThanOrEqual(601);
});
