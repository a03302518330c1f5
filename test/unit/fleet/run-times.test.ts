import { expect, test } from 'vitest';
import { NO_STRETCHES, noteRunState, tookMs, type RunStretches } from '../../../shared/model/run-times.ts';
import type { RunState } from '../../../shared/model/states.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { reply } from '../../support/scripted-provider.ts';
import { EARLIER, openTestFleets, planOf, session, sessions } from '../../support/test-fleets.ts';

const fold = (...changes: readonly (readonly [RunState, number])[]): RunStretches =>
  changes.reduce<RunStretches>((before, [state, atMs]) => noteRunState(before, state, atMs), NO_STRETCHES);

test('a run takes the time in which it is at work: no pause, and nothing between an end and a resume', () => {
  const atWork = fold(['queued', 900], ['running', 1_000]);
  expect(tookMs(atWork, 1_500)).toBe(500);
  const paused = fold(['running', 1_000], ['paused', 3_000]);
  expect(tookMs(paused, 99_000)).toBe(2_000);
  const goesOn = fold(['running', 1_000], ['paused', 3_000], ['running', 50_000]);
  expect(tookMs(goesOn, 50_100)).toBe(2_100);
  const ended = fold(
    ['running', 1_000],
    ['interrupted', 4_000],
    ['running', 90_000],
    ['stopping', 91_000],
    ['stopped', 91_500],
  );
  expect(tookMs(ended, 1e12)).toBe(4_500);
});

test('a clock that is set back takes no time away', () => {
  expect(tookMs(fold(['running', 1_000], ['done', 400]), 0)).toBe(0);
  expect(tookMs(fold(['running', 1_000]), 400)).toBe(0);
});

test('a run that is resumed was launched when it was launched, and goes on with the time it had taken', async () => {
  const clock = manualClock();
  const answer = Promise.withResolvers<void>();
  await using fleets = openTestFleets(async () => answer.promise.then(() => reply({ text: 'x' })), undefined, clock);
  const recorded = sessions(session(0, { state: 'stopped' }));
  const run = await fleets.launch(planOf(1), { resume: { runId: 'R', sessions: recorded, earlier: EARLIER } });
  await clock.advance(10);
  const beganAtMs = run.progress().workingSinceMs!;
  expect(run.progress()).toMatchObject({ startedAtMs: EARLIER.launchedAtMs, workedMs: EARLIER.workedMs });
  await clock.advance(2_000);
  expect(tookMs(run.progress(), clock.nowMs())).toBe(EARLIER.workedMs + clock.nowMs() - beganAtMs);
  answer.resolve();
  const ended = await run.settled;
  expect(tookMs(ended, 0)).toBe(EARLIER.workedMs + ended.endedAtMs! - beganAtMs);
});
