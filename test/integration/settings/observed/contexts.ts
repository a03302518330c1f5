import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import type { LiveRun } from '../../../../runtime/fleet/fleets.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { fleetOf, openModelServer, type ModelServer, type ModelTurn } from './model-server.ts';
import type { Observations } from './observation.ts';
import { echoTool } from './own-tools.ts';
import { until } from './until.ts';

const AGENTS = 4;
/** A context takes 20 KB and a little, so that three fit into 64 KiB and four do not. */
const PROMPT = 'x'.repeat(10_000);

interface Scene extends AsyncDisposable {
  readonly test: TestPlane;
  readonly model: ModelServer;
}

async function openScene(values: SettingValues): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await openModelServer());
  const test = opening.use(await openTestPlane(values, [echoTool()]));
  const owned = opening.move();
  return { test, model, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Contexts in memory, and how many went to history and came back. */
function contextsOf({ test }: Scene) {
  const { entries, bytes, spilled, broughtBack } = test.plane.caches().find(({ name }) => name === 'sessionContexts')!;
  return { entries, bytes, spilled, broughtBack };
}

/** Counts how many agents of a run are paused. */
function watchPauses(run: LiveRun): { readonly paused: Set<number> } {
  const paused = new Set<number>();
  run.observe((event) => {
    if (event.type !== 'agent.changed') return;
    if (event.state === 'paused') paused.add(event.agent);
    else paused.delete(event.agent);
  });
  return { paused };
}

/** A run of four agents, each paused after its first turn. */
async function launchPaused(scene: Scene): Promise<LiveRun> {
  const { test, model } = scene;
  const run = await test.launch(fleetOf(model, { count: AGENTS, tools: ['echo'], prompt: PROMPT }));
  const { paused } = watchPauses(run);
  await until(() => expect(model.waiting).toHaveLength(AGENTS));
  test.plane.fleets.pause(run.runId);
  for (const turn of model.waiting.splice(0)) turn.call('echo', { text: 'remembered' });
  await until(() => expect(paused.size).toBe(AGENTS));
  return run;
}

/** Lets the agents go on to their ends, each with everything that it knew. */
async function finish({ test, model }: Scene, run: LiveRun): Promise<void> {
  test.plane.fleets.resume(run.runId);
  for (let n = 0; n < AGENTS; n++) {
    const turn = await model.next();
    expect([turn.prompt, turn.toolOutputs]).toEqual([PROMPT, ['remembered']]);
    turn.say('Done.');
  }
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

const untilSpilled = (scene: Scene, spilled: number): Promise<void> =>
  until(() => expect(contextsOf(scene)).toMatchObject({ spilled }));

async function observeSwitch(): Promise<void> {
  await using scene = await openScene({
    'cache.sessionContexts.enabled': false,
    'cache.sessionContexts.maxEntries': 1,
  });
  await finish(scene, await launchPaused(scene));
  expect(contextsOf(scene)).toMatchObject({ spilled: 0, broughtBack: 0 });
  await scene.test.set({ 'cache.sessionContexts.enabled': true });
  const run = await launchPaused(scene);
  await untilSpilled(scene, AGENTS - 1);
  await finish(scene, run);
  expect(contextsOf(scene)).toMatchObject({ broughtBack: AGENTS - 1 });
}

async function observeEntries(): Promise<void> {
  await using scene = await openScene({ 'cache.sessionContexts.maxEntries': 100 });
  const run = await launchPaused(scene);
  expect(contextsOf(scene)).toMatchObject({ entries: AGENTS, spilled: 0 });
  await scene.test.set({ 'cache.sessionContexts.maxEntries': 3 });
  await untilSpilled(scene, AGENTS - 3);
  await scene.test.set({ 'cache.sessionContexts.maxEntries': 1 });
  await untilSpilled(scene, AGENTS - 1);
  expect(contextsOf(scene)).toMatchObject({ entries: 1 });
  await finish(scene, run);
  expect(contextsOf(scene)).toMatchObject({ broughtBack: AGENTS - 1 });
}

async function observeBytes(): Promise<void> {
  await using scene = await openScene({ 'cache.sessionContexts.maxBytes': 1_000_000 });
  const run = await launchPaused(scene);
  expect(contextsOf(scene)).toMatchObject({ entries: AGENTS, spilled: 0 });
  expect(contextsOf(scene).bytes).toBeGreaterThan(65_536);
  await scene.test.set({ 'cache.sessionContexts.maxBytes': 65_536 });
  await untilSpilled(scene, 1);
  expect(contextsOf(scene).bytes).toBeLessThanOrEqual(65_536);
  await finish(scene, run);
}

async function observeTime(): Promise<void> {
  await using scene = await openScene({ 'cache.sessionContexts.ttlMs': 0 });
  const run = await launchPaused(scene);
  expect(contextsOf(scene)).toMatchObject({ entries: AGENTS, spilled: 0 });
  await scene.test.set({ 'cache.sessionContexts.ttlMs': 10 });
  await untilSpilled(scene, AGENTS);
  expect(contextsOf(scene)).toMatchObject({ entries: 0 });
  await finish(scene, run);
}

/**
 * Agent 1 rests four times, then agent 0 once; then another run needs the place of one. Answers whether that was the place of
 * agent 0.
 */
async function isSeldomAway(policy: string): Promise<boolean> {
  await using scene = await openScene({ 'cache.sessionContexts.maxEntries': 2 });
  const { test, model } = scene;
  await test.set({ 'cache.sessionContexts.policy': policy });
  const run = await test.launch(fleetOf(model, { count: 2, tools: ['echo'] }));
  const { paused } = watchPauses(run);
  await until(() => expect(model.waiting).toHaveLength(2));
  const [seldom, ...often] = model.waiting.splice(0);
  const rest = async (agent: number, turn: ModelTurn): Promise<void> => {
    test.plane.fleets.pauseAgent(run.runId, agent);
    turn.call('echo', { text: 'remembered' });
    await until(() => expect(paused.has(agent)).toBe(true));
  };
  let turn = often[0]!;
  for (let n = 0; n < 3; n++) {
    await rest(1, turn);
    test.plane.fleets.resumeAgent(run.runId, 1);
    turn = await model.next();
  }
  await rest(1, turn);
  await rest(0, seldom!);
  await test.launch(fleetOf(model));
  await untilSpilled(scene, 1);
  (await model.next()).say('Done.');
  test.plane.fleets.resumeAgent(run.runId, 0);
  const next = await model.next();
  expect(next.toolOutputs).toEqual(['remembered']);
  return contextsOf(scene).broughtBack === 1;
}

export const contextObservations: Observations<'cache.sessionContexts'> = {
  'cache.sessionContexts.enabled': observeSwitch,
  'cache.sessionContexts.maxEntries': observeEntries,
  'cache.sessionContexts.maxBytes': observeBytes,
  'cache.sessionContexts.policy': async () => {
    expect(await isSeldomAway('lru')).toBe(false);
    expect(await isSeldomAway('w-tinylfu')).toBe(true);
  },
  'cache.sessionContexts.ttlMs': observeTime,
};
