import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import { openTestPlane, type TestPlane } from '../../support/instance/test-plane.ts';
import { noticesOf } from '../../support/runs/notices.ts';
import { fleetOf, openModelServer } from '../settings/observed/model-server.ts';
import { echoTool } from '../settings/observed/own-tools.ts';

/** The states and reasons of one agent, oldest first; `state: reason`. */
function watchAgent(run: LiveRun, agent: number): string[] {
  const states: string[] = [];
  run.observe((event) => {
    if (event.type === 'agent.changed' && event.agent === agent)
      states.push(event.reason === undefined ? event.state : `${event.state}: ${event.reason}`);
  });
  return states;
}

test('a model agent at work waits before its next turn, one without a slot does not begin, and a program starts all the same', async () => {
  await using model = await openModelServer();
  await using stage = await openTestPlane({}, [echoTool()]);
  const run = await stage.launch(fleetOf(model, { count: 2, concurrentAgents: 1, tools: ['echo'] }));
  const states = [watchAgent(run, 0), watchAgent(run, 1)];
  const first = await model.next();
  await stage.set({ 'agents.modelEnabled': false });
  first.call('echo', { text: 'x' });
  const why = 'paused: Model agents are switched off.';
  await vi.waitFor(() => expect(states.map((each) => each.at(-1))).toEqual([why, why]));
  const other = await stage.launch(commandFleet('echo runs'));
  expect(await other.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(model.server.requests).toHaveLength(1);
  await stage.set({ 'agents.modelEnabled': true });
  (await model.next()).say('Done.');
  (await model.next()).say('Done too.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(states[1]?.slice(0, 3)).toEqual([why, 'queued', 'asking']);
  const notices = await noticesOf(stage, run);
  expect(notices).toEqual([
    expect.stringMatching(/^Model agents were switched off by test: /),
    'Model agents were switched on again by test and go on.',
  ]);
  expect(await noticesOf(stage, other)).toEqual([]);
});

test('a program does not start, neither of an agent without a slot nor of one that waits for its place, and models are asked', async () => {
  await using model = await openModelServer((turn) => turn.say('Done.'));
  await using stage = await openTestPlane({ 'agents.commandEnabled': false });
  const run = await stage.launch(commandFleet('echo ran'));
  const states = watchAgent(run, 0);
  await vi.waitFor(() => expect(states).toEqual(['paused: Command agents are switched off.']));
  const other = await stage.launch(fleetOf(model));
  expect(await other.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(states).toHaveLength(1);
  await stage.set({ 'agents.commandEnabled': true });
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(states.slice(1)).toEqual(['queued', 'running tools: sh', 'done']);
  await observeWaitingProgram(stage);
});

/** Of two programs with slots one runs; the other, which waits for its place, does not start though that gets free. */
async function observeWaitingProgram(stage: TestPlane): Promise<void> {
  await stage.set({ 'process.maxRunning': 1 });
  const run = await stage.launch(commandFleet('echo x >> begun; until [ -e go ]; do sleep 0.01; done', 2));
  const begun = async (): Promise<number> => (await readFile(join(stage.dataDir, 'begun'), 'utf8')).length / 2;
  await vi.waitFor(async () => expect(await begun()).toBe(1));
  await vi.waitFor(() => expect(stage.gate.explain(run.runId)).toHaveLength(1));
  const states = [watchAgent(run, 0), watchAgent(run, 1)];
  await stage.set({ 'agents.commandEnabled': false });
  await writeFile(join(stage.dataDir, 'go'), '');
  await vi.waitFor(() =>
    expect(states.flat().toSorted()).toEqual(['done', 'paused: Command agents are switched off.']),
  );
  await vi.waitFor(() => expect(stage.gate.stats().find(({ name }) => name === 'process')?.running).toBe(0));
  expect(await begun()).toBe(1);
  await stage.set({ 'agents.commandEnabled': true });
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(await begun()).toBe(2);
}

test('calls of a tool are denied in a run that is under way, which the model reads and a person sees, and another tool serves', async () => {
  const other = { ...echoTool(), name: 'other' };
  await using model = await openModelServer();
  await using stage = await openTestPlane({}, [echoTool(), other]);
  const run = await stage.launch(fleetOf(model, { tools: ['echo', 'other'] }));
  (await model.next()).call('echo', { text: 'before' });
  const second = await model.next();
  await stage.set({ 'tools.off': 'echo, not_there' });
  second.call('echo', { text: 'while off' });
  const third = await model.next();
  third.call('other', { text: 'serves' });
  const fourth = await model.next();
  await stage.set({ 'tools.off': '' });
  fourth.call('echo', { text: 'after' });
  const fifth = await model.next();
  expect(fifth.toolOutputs).toEqual([
    'before',
    'TOOL_DENIED: echo is switched off by the operator for now.',
    'serves',
    'after',
  ]);
  fifth.say('Done.');
  expect(await stage.plane.report(await run.settled)).toMatchObject({ lost: 0, duplicated: 0, toolCalls: 4 });
  expect(await noticesOf(stage, run)).toEqual([
    'The tool echo was switched off by test: calls of it are denied until it is switched on again.',
    'The tool echo was switched on again by test.',
  ]);
});

/** The text of a fleet of one agent that is a program of the shell. */
function commandFleet(script: string, count = 1): string {
  return JSON.stringify({
    flotilla: 1,
    name: 'programs',
    agents: [{ kind: 'command', name: 'program', count, prompt: 'Go.', command: ['sh', '-c', script] }],
    limits: { concurrentAgents: count },
  });
}
