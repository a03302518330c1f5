import { expect, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../../runtime/time/clock.ts';
import type { RuntimeEvent } from '../../../../shared/events/runtime-event.ts';
import { openTestPlane } from '../../../support/instance/test-plane.ts';
import { HeldWork } from './lanes.ts';
import { fleetOf, openModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { echoTool, toolOf } from './own-tools.ts';
import { observeCommandSwitch, observeModelSwitch, observeToolSwitch } from './switches.ts';

/** How many agents ask at the same time, of a fleet that allows more. */
async function observeWorking(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'agents.maxRunning': 3, 'provider.maxConnections': 100 });
  const run = await test.launch(fleetOf(model, { count: 20 }));
  await vi.waitFor(() => expect(model.waiting).toHaveLength(3));
  await vi.waitFor(() => expect(test.gate.explain(`${run.runId}/19`)).toHaveLength(1));
  expect(model.waiting).toHaveLength(3);
  await test.set({ 'agents.maxRunning': 7 });
  await vi.waitFor(() => expect(model.waiting).toHaveLength(7));
  await test.set({ 'agents.maxRunning': 2 });
  for (let n = 0; n < 20; n++) {
    const turn = await model.next();
    expect(model.server.openCount).toBeLessThanOrEqual(Math.max(7 - n, 2));
    turn.say('Done.');
    await vi.waitFor(() => expect(model.server.openCount).toBeLessThan(Math.max(7 - n, 3)));
  }
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

/** How the turn of an agent ends that is on its way when the program closes. */
async function lastTurnOf(stopDeadlineMs: number, answersInTime: boolean): Promise<string | undefined> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'agents.stopDeadlineMs': answersInTime ? 0 : 600_000 });
  const run = await test.launch(fleetOf(model));
  const ends: Extract<RuntimeEvent, { readonly type: 'turn.finished' }>[] = [];
  run.observe((event) => {
    if (event.type === 'turn.finished') ends.push(event);
  });
  const turn = await model.next();
  await test.set({ 'agents.stopDeadlineMs': stopDeadlineMs });
  const closed = test.plane[Symbol.asyncDispose]();
  if (answersInTime) {
    await vi.waitFor(() => expect(run.progress().state).toBe('stopping'));
    turn.say('Just in time.');
  }
  await closed;
  return ends[0]?.state;
}

/** What the model gets to see of a call of 5,000 bytes, in one run. */
async function observeOutput(): Promise<void> {
  const long = toolOf('long', z.strictObject({}), async () => 'x'.repeat(5_000));
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'tools.maxOutputBytes': 1_024 }, [long]);
  const run = await test.launch(fleetOf(model, { tools: ['long'] }));
  (await model.next()).call('long');
  const second = await model.next();
  expect(second.toolOutputs).toEqual([`${'x'.repeat(1_024)}\n[3976 bytes cut; the limit is 1024 bytes]`]);
  await test.set({ 'tools.maxOutputBytes': 8_192 });
  second.call('long');
  const third = await model.next();
  expect(third.toolOutputs[1]).toBe('x'.repeat(5_000));
  third.say('Seen.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

/** A tool that ends when it is let go, or with its signal. */
function slowTool() {
  const letGo = Promise.withResolvers<void>();
  const work = { begun: 0, finish: letGo.resolve };
  const tool = toolOf('slow', z.strictObject({}), async (_input, { signal }) => {
    work.begun++;
    const isCancelled = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    await Promise.race([letGo.promise, isCancelled]);
    return 'at last';
  });
  return { work, tool };
}

/** In one run a call ends with its time; one that has more time comes to its end. What it waits for its lane is not counted. */
async function observeTime(): Promise<void> {
  const { work, tool } = slowTool();
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'tools.timeoutMs': 30, 'io.maxRunning': 1 }, [tool, echoTool()]);
  const run = await test.launch(fleetOf(model, { tools: ['slow', 'echo'] }));
  (await model.next()).call('slow');
  const second = await model.next();
  expect(second.toolOutputs[0]).toMatch(/^TASK_TIMED_OUT: /);
  const others = new HeldWork(test.gate, 'io');
  await others.submit(1);
  second.call('echo', { text: 'here' });
  await vi.waitFor(() => expect(test.gate.explain(`${run.runId}/0`)).toHaveLength(1));
  await systemClock.sleep(60);
  await others.finishAll();
  const third = await model.next();
  expect(third.toolOutputs[1]).toBe('here');
  await test.set({ 'tools.timeoutMs': 600_000 });
  third.call('slow');
  await vi.waitFor(() => expect(work.begun).toBe(2));
  await systemClock.sleep(60);
  work.finish();
  const fourth = await model.next();
  expect(fourth.toolOutputs[2]).toBe('at last');
  fourth.say('Seen.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

export const agentObservations: Observations<'agents'> = {
  'agents.maxRunning': observeWorking,
  'agents.modelEnabled': observeModelSwitch,
  'agents.commandEnabled': observeCommandSwitch,
  'agents.stopDeadlineMs': async () => {
    expect(await lastTurnOf(600_000, true)).toBe('done');
    expect(await lastTurnOf(0, false)).toBe('cancelled');
  },
};

export const toolObservations: Observations<'tools'> = {
  'tools.off': observeToolSwitch,
  'tools.maxOutputBytes': observeOutput,
  'tools.timeoutMs': observeTime,
};
