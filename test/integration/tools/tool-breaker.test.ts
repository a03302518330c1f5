import { expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openTestPlane, type TestPlane } from '../../support/instance/test-plane.ts';
import { noticesOf } from '../../support/runs/notices.ts';
import { fleetOf, openModelServer } from '../settings/observed/model-server.ts';
import { toolOf } from '../settings/observed/own-tools.ts';

const BREAKER = {
  'breaker.windowMs': 60_000,
  'breaker.minCalls': 4,
  'breaker.failureRatio': 0.5,
  'breaker.probes': 1,
};

/** A tool that fails for whoever asks it to, until it is well. */
function createFlaky() {
  const flaky = {
    isWell: false,
    ran: 0,
    tool: toolOf('flaky', z.strictObject({ fails: z.boolean() }), async ({ fails }) => {
      flaky.ran++;
      if (fails && !flaky.isWell) throw new AppError('TOOL_FAILED', 'Out of order.');
      return 'well';
    }),
  };
  return flaky;
}

const toCode = (output: string): string => output.replace(/:.*/s, '');

const stateOf = ({ plane }: TestPlane, runId: string) =>
  plane.breakers().find((breaker) => breaker.runId === runId && breaker.name === 'the tool flaky')?.state;

test('a tool that fails is left alone in its run alone, which is told, loses no call, and uses it again when it is well', async () => {
  const flaky = createFlaky();
  await using model = await openModelServer();
  await using test = await openTestPlane({ ...BREAKER, 'breaker.openMs': 600_000 }, [flaky.tool]);
  const healthy = await test.launch(fleetOf(model, { tools: ['flaky'] }));
  const pending = await model.next();
  const sick = await test.launch(fleetOf(model, { tools: ['flaky'] }));
  for (let n = 0; n < 5; n++) (await model.next()).call('flaky', { fails: true });
  const held = await model.next();
  expect(held.toolOutputs.map(toCode)).toEqual([...Array(4).fill('TOOL_FAILED'), 'CIRCUIT_OPEN']);
  expect(held.toolOutputs.at(-1)).toMatch(/: Calls of the tool flaky are held back .* try again in 600 s\.$/);
  expect(flaky.ran).toBe(4);
  pending.call('flaky', { fails: false });
  const other = await model.next();
  expect(other.toolOutputs).toEqual(['well']);
  await test.set({ 'breaker.openMs': 10 });
  flaky.isWell = true;
  let turn = held;
  while (turn.toolOutputs.at(-1) !== 'well') {
    turn.call('flaky', { fails: true });
    turn = await model.next();
  }
  turn.say('Done.');
  const progress = await sick.settled;
  expect(progress).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(await test.plane.report(progress)).toMatchObject({ lost: 0, duplicated: 0, toolCalls: progress.toolCalls });
  expect(await noticesOf(test, sick)).toEqual([
    'Calls of the tool flaky are held back: 4 of 4 calls failed within 60 s.',
    'Calls of the tool flaky were held back; a few calls are tried now.',
    'Calls of the tool flaky are let through again: a call succeeded.',
  ]);
  other.say('Done.');
  await healthy.settled;
  expect(await noticesOf(test, healthy)).toEqual([]);
});

test('the breaker of a tool is there while its run lives, and what is switched off holds nothing back', async () => {
  const flaky = createFlaky();
  await using model = await openModelServer();
  await using test = await openTestPlane({ ...BREAKER, 'breaker.openMs': 600_000 }, [flaky.tool]);
  const run = await test.launch(fleetOf(model, { tools: ['flaky'] }));
  for (let n = 0; n < 4; n++) (await model.next()).call('flaky', { fails: true });
  const held = await model.next();
  expect(stateOf(test, run.runId)).toBe('open');
  await test.set({ 'breaker.enabled': false });
  held.call('flaky', { fails: false });
  const served = await model.next();
  expect(served.toolOutputs.at(-1)).toBe('well');
  served.say('Done.');
  await run.settled;
  expect(stateOf(test, run.runId)).toBeUndefined();
});
