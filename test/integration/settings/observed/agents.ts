import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import type { LiveRun } from '../../../../runtime/fleet/fleets.ts';
import { systemClock } from '../../../../runtime/time/clock.ts';
import type { RuntimeEvent } from '../../../../shared/events/runtime-event.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { HeldWork } from './lanes.ts';
import { fleetOf, openModelServer, type ModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { echoTool, toolOf } from './own-tools.ts';
import { until } from './until.ts';

/** How many agents ask at the same time, of two fleets that allow more. */
async function observeWorking(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'agents.maxRunning': 3, 'provider.maxConnections': 100 });
  const runs = [await test.launch(fleetOf(model, { count: 10 })), await test.launch(fleetOf(model, { count: 10 }))];
  await until(() => expect(model.waiting).toHaveLength(3));
  await until(() => expect(runs.flatMap(({ runId }) => test.gate.explain(runId))).toHaveLength(20 - 3));
  expect(model.waiting).toHaveLength(3);
  await test.set({ 'agents.maxRunning': 7 });
  await until(() => expect(model.waiting).toHaveLength(7));
  await test.set({ 'agents.maxRunning': 2 });
  for (let n = 0; n < 20; n++) {
    const turn = await model.next();
    expect(model.server.openCount).toBeLessThanOrEqual(Math.max(7 - n, 2));
    turn.say('Done.');
    await until(() => expect(model.server.openCount).toBeLessThan(Math.max(7 - n, 3)));
  }
  for (const run of runs) expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
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
    await until(() => expect(run.progress().state).toBe('stopping'));
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
  await until(() => expect(test.gate.explain(`${run.runId}/0`)).toHaveLength(1));
  await systemClock.sleep(60);
  await others.finishAll();
  const third = await model.next();
  expect(third.toolOutputs[1]).toBe('here');
  await test.set({ 'tools.timeoutMs': 600_000 });
  third.call('slow');
  await until(() => expect(work.begun).toBe(2));
  await systemClock.sleep(60);
  work.finish();
  const fourth = await model.next();
  expect(fourth.toolOutputs[2]).toBe('at last');
  fourth.say('Seen.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

/** A turn of a model agent, and a program, that begin only when their kind is on. */
async function observeKind(key: 'agents.modelEnabled' | 'agents.commandEnabled', begin: KindScene): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ [key]: false }, [echoTool()]);
  await begin(test, model, () => test.set({ [key]: true }));
}

type KindScene = (test: TestPlane, model: ModelServer, switchOn: () => Promise<void>) => Promise<void>;

/** The state of the only agent of a run, from its beginning. */
function watchState(run: LiveRun): { now: string } {
  const state = { now: 'queued' };
  run.observe((event) => {
    if (event.type === 'agent.changed') state.now = event.state;
  });
  return state;
}

const beginModel: KindScene = async (test, model, switchOn) => {
  const run = await test.launch(fleetOf(model, { tools: ['echo'] }));
  const state = watchState(run);
  await until(() => expect(state.now).toBe('paused'));
  expect(model.server.requests).toHaveLength(0);
  await switchOn();
  const first = await model.next();
  await test.set({ 'agents.modelEnabled': false });
  first.call('echo', { text: 'here' });
  await until(() => expect(state.now).toBe('paused'));
  expect(model.server.requests).toHaveLength(1);
  await switchOn();
  (await model.next()).say('Done.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
};

const beginProgram: KindScene = async (test, _model, switchOn) => {
  const agents = [{ name: 'program', kind: 'command', prompt: 'Do it.', command: ['sh', '-c', 'echo > began'] }];
  const run = await test.launch(JSON.stringify({ flotilla: 1, name: 'observed', agents }));
  const state = watchState(run);
  await until(() => expect(state.now).toBe('paused'));
  expect(existsSync(join(test.dataDir, 'began'))).toBe(false);
  await switchOn();
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(existsSync(join(test.dataDir, 'began'))).toBe(true);
};

/** Two tools of one run: while one is off its calls are denied and the other's are not. */
async function observeOff(): Promise<void> {
  const other = toolOf('other', z.strictObject({}), async () => 'other');
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'tools.off': 'echo' }, [echoTool(), other]);
  const run = await test.launch(fleetOf(model, { tools: ['echo', 'other'] }));
  (await model.next()).call('echo', { text: 'here' });
  const second = await model.next();
  expect(second.toolOutputs[0]).toMatch(/^TOOL_DENIED: .*off/);
  second.call('other');
  const third = await model.next();
  expect(third.toolOutputs[1]).toBe('other');
  await test.set({ 'tools.off': 'none' });
  third.call('echo', { text: 'here' });
  const fourth = await model.next();
  expect(fourth.toolOutputs[2]).toBe('here');
  fourth.say('Done.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

export const agentObservations: Observations<'agents'> = {
  'agents.maxRunning': observeWorking,
  'agents.stopDeadlineMs': async () => {
    expect(await lastTurnOf(600_000, true)).toBe('done');
    expect(await lastTurnOf(0, false)).toBe('cancelled');
  },
  'agents.modelEnabled': () => observeKind('agents.modelEnabled', beginModel),
  'agents.commandEnabled': () => observeKind('agents.commandEnabled', beginProgram),
};

export const toolObservations: Observations<'tools'> = {
  'tools.off': observeOff,
  'tools.maxOutputBytes': observeOutput,
  'tools.timeoutMs': observeTime,
};
