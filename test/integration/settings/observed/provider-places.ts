import { expect } from 'vitest';
import { openTestPlane } from '../../../support/instance/test-plane.ts';
import { HeldWork, settle } from './lanes.ts';
import { fleetOf, openModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

/** An adaptive lane begins with the least it may have; nothing ends, so that it learns nothing more. */
async function openAdaptive(least: number) {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await openModelServer());
  const test = opening.use(
    await openTestPlane({
      'provider.maxConcurrentStreams': 50,
      'provider.maxConnections': 100,
      'provider.adaptive': true,
      'provider.minConcurrentStreams': least,
    }),
  );
  const run = await test.launch(fleetOf(model, { count: 60 }));
  await until(() => expect(test.gate.explain(run.runId)).toHaveLength(60 - least));
  await until(() => expect(model.waiting).toHaveLength(least));
  const owned = opening.move();
  return { model, test, run, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Adaptive, it begins with the least; fixed, it admits all there may be at once. */
async function observeAdaptive(): Promise<void> {
  await using scene = await openAdaptive(4);
  await scene.test.set({ 'provider.adaptive': false });
  await until(() => expect(scene.model.waiting).toHaveLength(50));
}

async function observeLeast(): Promise<void> {
  await using scene = await openAdaptive(4);
  await scene.test.set({ 'provider.minConcurrentStreams': 30 });
  await until(() => expect(scene.model.waiting).toHaveLength(30));
  expect(scene.test.gate.explain(scene.run.runId)).toHaveLength(60 - 30);
}

/** Connections that are opened for two waves of agents, one before and one after the change. */
async function observeConnections(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'provider.maxConnections': 2 });
  const first = await test.launch(fleetOf(model, { count: 12 }));
  await until(() => expect(model.waiting).toHaveLength(2));
  await test.set({ 'provider.maxConnections': 5 });
  const second = await test.launch(fleetOf(model, { count: 12 }));
  // The first two drain; the new edition has connections of its own.
  await until(() => expect(model.waiting).toHaveLength(2 + 5));
  const answering = (async () => {
    for (let n = 0; n < 24; n++) (await model.next()).say('Done.');
  })();
  expect([await first.settled, await second.settled]).toMatchObject([{ agentsFailed: 0 }, { agentsFailed: 0 }]);
  await answering;
  expect(model.server.connectionCount).toBe(2 + 5);
  expect(model.server.peakOpenCount).toBe(2 + 5);
}

/** Requests that are open at the server at the same time. */
async function observeStreams(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({
    'provider.maxConnections': 100,
    'provider.maxConcurrentStreams': 3,
  });
  const run = await test.launch(fleetOf(model, { count: 20 }));
  await until(() => expect(model.waiting).toHaveLength(3));
  await until(() => expect(test.gate.explain(`${run.runId}/19`)).toHaveLength(1));
  expect(model.server.openCount).toBe(3);
  await test.set({ 'provider.maxConcurrentStreams': 8 });
  await until(() => expect(model.waiting).toHaveLength(8));
  await test.set({ 'provider.maxConcurrentStreams': 2 });
  // Those above the lower ceiling end first; from then on never more than two.
  for (let n = 0; n < 20; n++) {
    const turn = await model.next();
    expect(model.server.openCount).toBeLessThanOrEqual(Math.max(8 - n, 2));
    turn.say('Done.');
    await until(() => expect(model.server.openCount).toBeLessThan(Math.max(8 - n, 3)));
  }
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

/** What may wait for a place; the agents themselves come again when there is room. */
async function observeProviderQueue(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'provider.maxConcurrentStreams': 1, 'provider.queueCapacity': 3 });
  const run = await test.launch(fleetOf(model, { count: 12 }));
  const lane = () => test.gate.stats().find(({ name }) => name === 'provider:local')!;
  await until(() => expect(lane().waiting).toBe(3));
  const work = new HeldWork(test.gate, 'provider:local');
  await work.submit(4);
  expect(work.refused).toHaveLength(4);
  expect(work.refused).toContainEqual(expect.objectContaining({ code: 'LANE_SATURATED' }));
  await test.set({ 'provider.queueCapacity': 40 });
  await work.submit(4);
  await settle();
  expect(work.refused).toHaveLength(4);
  const answering = (async () => {
    for (let n = 0; n < 12; n++) (await model.next()).say('Done.');
  })();
  // The four of ours hold the only place each until they are let go.
  const letting = setInterval(() => void work.finishAll(), 1);
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
  await until(() => expect(work.started).toHaveLength(4));
  await answering;
  clearInterval(letting);
  await work.finishAll();
}

export const providerPlaceObservations: Pick<
  Observations<'provider'>,
  | 'provider.maxConnections'
  | 'provider.maxConcurrentStreams'
  | 'provider.queueCapacity'
  | 'provider.adaptive'
  | 'provider.minConcurrentStreams'
> = {
  'provider.maxConnections': observeConnections,
  'provider.maxConcurrentStreams': observeStreams,
  'provider.queueCapacity': observeProviderQueue,
  'provider.adaptive': observeAdaptive,
  'provider.minConcurrentStreams': observeLeast,
};
