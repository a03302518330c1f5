import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFleetChecker } from '../../../main/fleets/fleet-checker.ts';
import { threads } from '../../../runtime/workers/thread-table.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { temporaryDirectory } from '../../support/history-events.ts';
import { manualClock } from '../../support/manual-clock.ts';

const TEXT =
  'flotilla: 1\nname: t\nmodel: sim/default\nagents: [{ name: a, count: 10000, prompt: "Hello {{index}}" }]\n';
const isOpen = () => threads().some(({ name }) => name === 'fleet-check');

test('a file that does not exist yet is checked by its text, ten thousand agents crossing as one group', async () => {
  using folder = temporaryDirectory();
  await using checker = createFleetChecker(systemClock);
  const path = join(folder.path, 'new.yaml');
  const { problems, outline } = await checker.check({ path, text: TEXT, overrides: {} });
  expect([problems, outline?.groups.map(({ name, agents }) => [name, agents])]).toEqual([[], [['a', 10_000]]]);
  expect(outline).not.toHaveProperty('agents');
  const broken = await checker.check({ path, text: `${TEXT}nmae: x\n`, overrides: {} });
  expect(broken).toMatchObject({ problems: [{ line: 5 }] });
  expect(broken.outline).toBeUndefined();
  await expect(checker.check({ path })).rejects.toMatchObject({ code: 'FLEET_NOT_FOUND' });
});

test('checks beyond the bound are refused at once, the others answered in full', async () => {
  await using checker = createFleetChecker(systemClock);
  const all = Array.from({ length: 20 }, () => errorOf(checker.check({ path: '/tmp/x.yaml', text: TEXT })));
  const codes = (await Promise.all(all)).map((error) => (error as { code?: string } | undefined)?.code);
  expect(codes.filter((code) => code === undefined)).toHaveLength(16);
  expect(codes.filter((code) => code === 'LANE_SATURATED')).toHaveLength(4);
});

test('the thread goes when nobody needs it, and comes back', async () => {
  const clock = manualClock();
  await using checker = createFleetChecker(clock);
  expect(isOpen()).toBe(false);
  await checker.check({ path: '/tmp/x.yaml', text: TEXT });
  expect(isOpen()).toBe(true);
  await clock.advance(60_000);
  await expect.poll(isOpen).toBe(false);
  expect(await checker.check({ path: '/tmp/x.yaml', text: TEXT })).toMatchObject({ problems: [] });
});

test('a check that takes too long is given up with its thread, and the next one works', async () => {
  const clock = manualClock();
  await using checker = createFleetChecker(clock);
  const slow = errorOf(checker.check({ path: '/tmp/x.yaml', text: TEXT }));
  await clock.advance(25_000);
  expect(await slow).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await checker.check({ path: '/tmp/x.yaml', text: TEXT })).toMatchObject({ problems: [] });
});

test('disposing of it refuses what waits', async () => {
  const checker = createFleetChecker(systemClock);
  const waiting = errorOf(checker.check({ path: '/tmp/x.yaml', text: TEXT }));
  await checker[Symbol.asyncDispose]();
  expect(await waiting).toMatchObject({ code: 'LANE_CLOSED' });
  await expect(checker.check({ path: '/tmp/x.yaml', text: TEXT })).rejects.toMatchObject({ code: 'LANE_CLOSED' });
});

test('a hundred thousand brackets are a mistake with a place, not the end of the program', async () => {
  await using checker = createFleetChecker(systemClock);
  const text = `flotilla: 1\nname: ${'['.repeat(100_000)}`;
  // The second time V8 compiles what the parser uses: that is where it gave up.
  for (const path of ['/tmp/x.yaml', '/tmp/y.yaml']) {
    const { problems, outline } = await checker.check({ path, text, overrides: {} });
    expect(problems.map(({ line, message }) => [line, message])).toEqual([[2, 'the values are nested too deeply']]);
    expect(outline).toBeUndefined();
  }
});
