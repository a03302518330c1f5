import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { LiveRun } from '../../../../runtime/fleet/fleets.ts';
import type { AgentChanged } from '../../../../shared/events/runtime-event.ts';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import {
  fleetOf,
  openModelServer,
  toEvent,
  type AskingFleet,
  type ModelServer,
  type ModelTurn,
} from './model-server.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

const HOUR_MS = 3_600_000;
/** Nothing but the time that is looked at ends a request, and each is made once. */
const PATIENT: SettingValues = {
  'provider.requestTimeoutMs': HOUR_MS,
  'provider.stallMs': HOUR_MS,
  'provider.connectTimeoutMs': 120_000,
  'provider.maxAttempts': 1,
  'breaker.enabled': false,
};

/** Hears every change of an agent of a run from its beginning. */
function watchAgents(run: LiveRun): { readonly changes: AgentChanged[] } {
  const changes: AgentChanged[] = [];
  run.observe((event) => {
    if (event.type === 'agent.changed') changes.push(event);
  });
  return { changes };
}

/** Launches a fleet, waits for its end and answers with what its agents failed. */
async function failuresOf(test: TestPlane, text: string): Promise<readonly string[]> {
  const run = await test.launch(text);
  const { changes } = watchAgents(run);
  await run.settled;
  return changes.flatMap(({ stop }) => (stop?.kind === 'failed' ? [stop.code] : []));
}

/**
 * A request that was begun under a long time outlives one that was begun later under a short one, at a server that treats both
 * alike; then it is answered.
 */
async function observeTime(
  model: ModelServer,
  times: { readonly long: SettingValues; readonly short: SettingValues; readonly code: string },
  {
    isSeen,
    answer,
    toFleet,
  }: { isSeen: () => void; answer: () => void; toFleet: (test: TestPlane) => Promise<AskingFleet> },
): Promise<void> {
  await using test = await openTestPlane({ ...PATIENT, ...times.long });
  const text = fleetOf(model, await toFleet(test));
  const patient = await test.launch(text);
  await until(isSeen);
  await test.set(times.short);
  expect(await failuresOf(test, text)).toEqual([times.code]);
  expect(patient.progress().state).toBe('running');
  answer();
  expect(await patient.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

const noFleet = async (): Promise<AskingFleet> => ({});

/** The server begins to answer and says no more. */
async function observeStall(): Promise<void> {
  await using model = await openModelServer();
  const isSeen = (): void => {
    expect(model.waiting).toHaveLength(1);
    const { raw } = model.waiting[0]!;
    raw.head(200, { 'content-type': 'text/event-stream' });
    raw.write(toEvent({ choices: [{ index: 0, delta: { content: 'Well' } }] }));
  };
  const times = { long: {}, short: { 'provider.stallMs': 100 }, code: 'PROVIDER_STALLED' };
  await observeTime(model, times, { isSeen, answer: () => endStream(model), toFleet: noFleet });
}

function endStream(model: ModelServer): void {
  const { raw } = model.waiting[0]!;
  raw.write(toEvent({ choices: [{ index: 0, delta: { content: ', yes.' }, finish_reason: 'stop' }] }));
  raw.end('data: [DONE]\n\n');
}

/** The server goes on and on. */
async function observeRequestTime(): Promise<void> {
  await using model = await openModelServer();
  const begun = new Set<ModelTurn>();
  const talking = setInterval(() => {
    for (const turn of model.waiting) {
      if (!begun.has(turn)) turn.raw.head(200, { 'content-type': 'text/event-stream' });
      begun.add(turn);
      turn.raw.write(toEvent({ choices: [{ index: 0, delta: { content: ' and' } }] }));
    }
  }, 20);
  const isSeen = (): void => expect(begun.size).toBe(1);
  // The shortest that is allowed; the other times may not be longer.
  const short = {
    'provider.requestTimeoutMs': 1_000,
    'provider.stallMs': 1_000,
    'provider.connectTimeoutMs': 1_000,
  };
  const answer = (): void => {
    clearInterval(talking);
    endStream(model);
  };
  await observeTime(model, { long: {}, short, code: 'DEADLINE_EXCEEDED' }, { isSeen, answer, toFleet: noFleet });
}

/** Takes connections and passes nothing on until it is told to. */
async function openSilentDoor(port: number) {
  const held: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    held.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    held,
    port: (server.address() as AddressInfo).port,
    letThrough: (): void => {
      for (const socket of held) {
        if (socket.destroyed) continue;
        const through = connect(port, '127.0.0.1');
        through.on('error', () => undefined);
        socket.pipe(through).pipe(socket);
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of held) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The server takes the connection and says nothing, so that TLS never begins. */
async function observeConnectTime(): Promise<void> {
  await using model = await openModelServer((turn) => turn.say('At last.'), 'https');
  await using door = await openSilentDoor(model.server.port);
  const behind = { ...model, server: { ...model.server, origin: `https://127.0.0.1:${door.port}` } };
  await observeTime(
    behind,
    { long: {}, short: { 'provider.connectTimeoutMs': 100 }, code: 'PROVIDER_UNREACHABLE' },
    {
      isSeen: () => expect(door.held).toHaveLength(1),
      answer: door.letThrough,
      async toFleet({ dataDir }) {
        const caFile = join(dataDir, 'authority.pem');
        await writeFile(caFile, model.server.caPem);
        return { caFile };
      },
    },
  );
}

const FAILING: SettingValues = { 'breaker.enabled': false, 'provider.retryBaseMs': 1, 'provider.retryMaxMs': 1 };

/** Requests of one agent that the server fails. */
async function observeAttempts(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  await using test = await openTestPlane({ ...FAILING, 'provider.maxAttempts': 3 });
  expect(await failuresOf(test, fleetOf(model))).toEqual(['PROVIDER_OVERLOADED']);
  expect(model.server.requests).toHaveLength(3);
  await test.set({ 'provider.maxAttempts': 7 });
  await failuresOf(test, fleetOf(model));
  expect(model.server.requests).toHaveLength(3 + 7);
}

/** Agents that failed under a long first wait have not all come back when another has made all its attempts under a short one. */
async function observeFirstWait(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  const long = { 'provider.retryBaseMs': 60_000, 'provider.retryMaxMs': HOUR_MS };
  await using test = await openTestPlane({ ...FAILING, ...long, 'provider.maxAttempts': 2 });
  const slow = await test.launch(fleetOf(model, { count: 40, prompt: 'Slowly.' }));
  await until(() => expect(model.server.requests.length).toBeGreaterThanOrEqual(40));
  await test.set({ 'provider.retryBaseMs': 1, 'provider.maxAttempts': 4 });
  await failuresOf(test, fleetOf(model, { prompt: 'Quickly.' }));
  const asked = (prompt: string): number => model.server.requests.filter(({ body }) => body.includes(prompt)).length;
  expect(asked('Quickly.')).toBe(4);
  expect(slow.progress()).toMatchObject({ state: 'running' });
  expect(asked('Slowly.')).toBeLessThan(2 * 40);
  await test.plane.fleets.stop(slow.runId, 0);
}

/** The longest time that agents said they would wait before the next of their twelve attempts. */
async function longestWaitMs(test: TestPlane, model: ModelServer): Promise<number> {
  const run = await test.launch(fleetOf(model, { count: 8 }));
  const { changes } = watchAgents(run);
  await run.settled;
  const waits = changes.flatMap(({ untilMs, atMs }) => (untilMs === undefined ? [] : [untilMs - atMs]));
  expect(waits).toHaveLength(8 * 11);
  return Math.max(...waits);
}

/** Waits double up to their ceiling: the eleventh is of up to 1,024 times the first. */
async function observeLongestWait(): Promise<void> {
  await using model = await openModelServer((turn) => turn.fail());
  await using test = await openTestPlane({ ...FAILING, 'provider.maxAttempts': 12, 'provider.retryMaxMs': 2 });
  expect(await longestWaitMs(test, model)).toBeLessThanOrEqual(2);
  await test.set({ 'provider.retryMaxMs': 400 });
  expect(await longestWaitMs(test, model)).toBeGreaterThan(50);
}

export const providerTimeObservations: Pick<
  Observations<'provider'>,
  | 'provider.connectTimeoutMs'
  | 'provider.requestTimeoutMs'
  | 'provider.stallMs'
  | 'provider.maxAttempts'
  | 'provider.retryBaseMs'
  | 'provider.retryMaxMs'
> = {
  'provider.connectTimeoutMs': observeConnectTime,
  'provider.requestTimeoutMs': observeRequestTime,
  'provider.stallMs': observeStall,
  'provider.maxAttempts': observeAttempts,
  'provider.retryBaseMs': observeFirstWait,
  'provider.retryMaxMs': observeLongestWait,
};
