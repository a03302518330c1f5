import { expect, test, vi } from 'vitest';
import { openTestPlane } from '../../support/instance/test-plane.ts';
import { readStream } from '../../support/recorded-streams.ts';
import { openScriptedServer, type ScriptedAnswer } from '../../support/servers/scripted-server.ts';

const AGENTS = 40;
const ATTEMPTS = 3;

const fleetOf = (baseUrl: string): string => `flotilla: 1
name: unlucky
provider: local
model: any
providers:
  local: { protocol: openai, baseUrl: ${baseUrl}, http: '1.1' }
agents:
  - { name: asker, count: ${AGENTS}, prompt: Say something. }
limits: { concurrentAgents: ${AGENTS}, turns: 2 }
`;

const RETRIES = {
  'provider.maxAttempts': ATTEMPTS,
  'provider.retryBaseMs': 1,
  'provider.retryMaxMs': 1,
  'provider.maxConcurrentStreams': 4,
};
const BREAKER = {
  'breaker.windowMs': 60_000,
  'breaker.minCalls': 5,
  'breaker.failureRatio': 0.5,
  'breaker.probes': 2,
};

/** A provider that answers 500 until it is well. */
function createPatient() {
  const patient = {
    isWell: false,
    answer: (_request: unknown, answer: ScriptedAnswer): void => {
      if (!patient.isWell) {
        answer.head(500, { 'content-type': 'application/json' });
        answer.end('{"error":{"message":"out of order"}}');
        return;
      }
      answer.head(200, { 'content-type': 'text/event-stream' });
      answer.end(readStream('openai-text'));
    },
  };
  return patient;
}

test('a provider that fails is left alone while its breaker is open, says so, and is asked again when it is well', async () => {
  const patient = createPatient();
  await using server = await openScriptedServer({ kind: 'h1', answer: patient.answer });
  // The waits that follow are the breaker's: agents outlive the outage by their attempts.
  await using test = await openTestPlane({
    ...RETRIES,
    ...BREAKER,
    'provider.maxAttempts': 100,
    'breaker.openMs': 300,
  });
  const run = await test.launch(fleetOf(`${server.origin}/v1`));
  const breaker = () => test.plane.breakers().find(({ name }) => name === 'the provider local');
  await vi.waitFor(() => expect(breaker()?.timesOpened).toBeGreaterThanOrEqual(3), { timeout: 30_000 });
  // 5 failures opened it; each time it was tried at most 2 probes went, and what was on its way when it opened.
  const opened = breaker()!.timesOpened;
  expect(server.requests.length).toBeLessThanOrEqual(5 + 4 + opened * 2);
  patient.isWell = true;
  const progress = await run.settled;
  expect(progress).toMatchObject({ state: 'done', agentsFailed: 0 });
  expect(breaker()).toMatchObject({ state: 'closed' });
  await test.plane.history.flush();
  const texts = (await test.plane.history.reader.notices(run.runId)).map(({ text }) => text);
  expect(texts).toContainEqual(expect.stringMatching(/^Calls of the provider local are held back: \d+ of \d+ calls/));
  expect(texts).toContainEqual(expect.stringMatching(/^Calls of the provider local are let through again/));
});

test('without breakers every agent asks as often as it may', async () => {
  const patient = createPatient();
  await using server = await openScriptedServer({ kind: 'h1', answer: patient.answer });
  await using test = await openTestPlane({ ...RETRIES, ...BREAKER, 'breaker.enabled': false });
  const run = await test.launch(fleetOf(`${server.origin}/v1`));
  expect(await run.settled).toMatchObject({ agentsFailed: AGENTS });
  expect(server.requests.length).toBe(AGENTS * ATTEMPTS);
});

test('agents that give up while the breaker is open say what the provider failed with', async () => {
  const patient = createPatient();
  await using server = await openScriptedServer({ kind: 'h1', answer: patient.answer });
  await using test = await openTestPlane({ ...RETRIES, ...BREAKER, 'breaker.openMs': 10 });
  const codes: string[] = [];
  const run = await test.launch(fleetOf(`${server.origin}/v1`));
  using _watch = run.observe((event) => {
    if (event.type === 'agent.changed' && event.stop?.kind === 'failed') codes.push(event.stop.code);
  });
  await run.settled;
  expect(codes).toHaveLength(AGENTS);
  expect(new Set(codes)).toEqual(new Set(['PROVIDER_OVERLOADED', 'CIRCUIT_OPEN']));
  expect(server.requests.length).toBeLessThan(AGENTS * ATTEMPTS);
});
