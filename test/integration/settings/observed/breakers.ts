import { expect } from 'vitest';
import { systemClock } from '../../../../runtime/time/clock.ts';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { fleetOf, openModelServer, type ModelServer, type ModelTurn } from './model-server.ts';
import type { Observations } from './observation.ts';
import { echoTool } from './own-tools.ts';
import { until } from './until.ts';

const HOUR_MS = 3_600_000;
const ATTEMPTS = 30;
/** Opens after five failures and stays so. */
const STRICT: SettingValues = {
  'provider.maxAttempts': ATTEMPTS,
  'provider.retryBaseMs': 1,
  'provider.retryMaxMs': 1,
  'breaker.windowMs': 600_000,
  'breaker.minCalls': 5,
  'breaker.failureRatio': 0.5,
  'breaker.openMs': HOUR_MS,
};

const breakerOf = (test: TestPlane) => test.plane.breakers().find(({ name }) => name === 'the provider local')!;

/** Puts the breaker back to what it is before the first call. */
async function close(test: TestPlane): Promise<void> {
  await test.set({ 'breaker.enabled': false });
  await test.set({ 'breaker.enabled': true });
  expect(breakerOf(test)).toMatchObject({ state: 'closed', calls: 0 });
}

/** Requests that one agent gets through until it is held back, or has made all its attempts. */
async function requestsOfOne(test: TestPlane, model: ModelServer): Promise<number> {
  const [before, refused] = [model.server.requests.length, breakerRefusals(test)];
  const run = await test.launch(fleetOf(model));
  const isHeld = until(() => expect(breakerRefusals(test)).toBeGreaterThan(refused));
  await Promise.race([run.settled, isHeld]);
  isHeld.catch(() => undefined);
  await test.plane.fleets.stop(run.runId, 0).catch(() => undefined);
  return model.server.requests.length - before;
}

const breakerRefusals = (test: TestPlane): number =>
  test.plane.breakers().reduce((sum, { refused }) => sum + refused, 0);

async function observeSwitch(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  await using test = await openTestPlane(STRICT);
  expect(await requestsOfOne(test, model)).toBe(5);
  expect(await requestsOfOne(test, model)).toBe(0);
  await test.set({ 'breaker.enabled': false });
  expect(await requestsOfOne(test, model)).toBe(ATTEMPTS);
  await test.set({ 'breaker.enabled': true });
  expect(await requestsOfOne(test, model)).toBe(5);
}

async function observeLeastCalls(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  await using test = await openTestPlane(STRICT);
  expect(await requestsOfOne(test, model)).toBe(5);
  await close(test);
  await test.set({ 'breaker.minCalls': 12 });
  expect(await requestsOfOne(test, model)).toBe(12);
}

/** One request of two fails. */
async function observeRatio(): Promise<void> {
  let asked = 0;
  await using model = await openModelServer((turn) => {
    asked++;
    if (asked % 2 === 0) turn.fail();
    else if (turn.toolOutputs.length < 20) turn.call('echo', { text: '' });
    else turn.say('That is all.');
  });
  await using test = await openTestPlane({ ...STRICT, 'breaker.failureRatio': 0.9 }, [echoTool()]);
  const run = await test.launch(fleetOf(model, { tools: ['echo'] }));
  expect(await run.settled).toMatchObject({ agentsFailed: 0, toolCalls: 20 });
  expect(breakerOf(test)).toMatchObject({ state: 'closed', timesOpened: 0 });
  await close(test);
  asked = 0;
  await test.set({ 'breaker.failureRatio': 0.4 });
  // The fifth is the first that there are enough calls with, the sixth the first of those that fails.
  expect(await requestsOfOne(test, model)).toBe(6);
}

/** Failures that come one by one, further apart than the shorter window is long. */
async function observeWindow(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ ...STRICT, 'breaker.minCalls': 2, 'breaker.windowMs': 100 });
  const run = await test.launch(fleetOf(model));
  for (let n = 0; n < 4; n++) {
    const turn = await model.next();
    await systemClock.sleep(150);
    turn.fail();
  }
  // It would not have come if two had counted.
  const fifth = await model.next();
  expect(breakerOf(test)).toMatchObject({ state: 'closed', timesOpened: 0 });
  await test.set({ 'breaker.windowMs': 600_000 });
  fifth.fail();
  const sixth = await model.next();
  await systemClock.sleep(150);
  sixth.fail();
  await until(() => expect(breakerOf(test)).toMatchObject({ state: 'open', calls: 0 }));
  await test.plane.fleets.stop(run.runId, 0);
}

async function observeOpenTime(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  await using test = await openTestPlane(STRICT);
  expect(await requestsOfOne(test, model)).toBe(5);
  expect(await requestsOfOne(test, model)).toBe(0);
  await test.set({ 'breaker.openMs': 10 });
  const run = await test.launch(fleetOf(model));
  // Tried again and again.
  await until(() => expect(breakerOf(test).timesOpened).toBeGreaterThan(5));
  expect(model.server.requests.length).toBeGreaterThan(8);
  await test.plane.fleets.stop(run.runId, 0);
}

/** Requests that are let through while nobody knows yet whether the provider is well. */
async function observeProbes(): Promise<void> {
  let isWell = false;
  const held: ModelTurn[] = [];
  await using model = await openModelServer((turn) => void (isWell ? held.push(turn) : turn.fail()));
  await using test = await openTestPlane({ ...STRICT, 'provider.maxConnections': 20, 'breaker.probes': 2 });
  expect(await requestsOfOne(test, model)).toBe(5);
  isWell = true;
  await test.set({ 'breaker.openMs': 10, 'provider.maxAttempts': 100 });
  const run = await test.launch(fleetOf(model, { count: 12 }));
  await waitForRefusals(test, 40);
  expect(held).toHaveLength(2);
  await test.set({ 'breaker.probes': 5 });
  await until(() => expect(held).toHaveLength(5));
  await waitForRefusals(test, 40);
  expect(held).toHaveLength(5);
  for (const turn of held) turn.say('Well.');
  await until(() => expect(breakerOf(test).state).toBe('closed'));
  await until(() => expect(held).toHaveLength(12));
  for (const turn of held.slice(5)) turn.say('Well.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

async function waitForRefusals(test: TestPlane, count: number): Promise<void> {
  const before = breakerRefusals(test);
  await until(() => expect(breakerRefusals(test)).toBeGreaterThan(before + count));
}

export const breakerObservations: Observations<'breaker'> = {
  'breaker.enabled': observeSwitch,
  'breaker.windowMs': observeWindow,
  'breaker.failureRatio': observeRatio,
  'breaker.minCalls': observeLeastCalls,
  'breaker.openMs': observeOpenTime,
  'breaker.probes': observeProbes,
};
