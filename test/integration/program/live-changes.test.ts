import { expect, test } from 'vitest';
import { systemClock } from '../../../runtime/time/clock.ts';
import { linesOf, type JsonLine } from '../cli/command-line.ts';
import { openCountingServer } from '../../support/servers/counting-server.ts';
import { createSite, only, runIdOf, TRACE, type Site } from '../../support/program.ts';

/** How long the server takes for each request. */
const ANSWER_MS = 50;

/** Long enough for many requests. */
const WATCHED_MS = 1_000;

/** 16 agents whose tools ask a server again and again, 4 requests a turn, for longer than the test takes. */
const toFleet = (url: string): string => `model: sim/default
tools: [http]
allow: [http-loopback]
agents:
  - name: caller
    count: 16
    prompt: |
      Call the tool \`http\` exactly 4000 times, 4 at a time, with url \`${url}/<n>\`.
      Report how many answered.
limits: { concurrentAgents: 16, turns: 2000, toolCalls: 5000, minutes: 5 }
`;

async function lanesOf(site: Site): Promise<Map<string, JsonLine>> {
  const { lines } = await site.run(['status']);
  return new Map(lines.filter(({ type }) => type === 'lane').map((lane) => [String(lane['name']), lane]));
}

test('settings, pause, resume and stop from other processes act on a live run', async () => {
  await using site = await createSite();
  await using server = await openCountingServer(ANSWER_MS);
  const fleet = await site.fleet('live', toFleet(server.url));
  await using running = site.start(['run', fleet]);
  const runId = await runIdOf(running);
  await expect.poll(() => server.takeMost(), { timeout: 20_000 }).toBeGreaterThan(6);

  const set = await site.run(['settings', 'set', 'io.maxRunning', '3']);
  expect([set.code, set.lines]).toMatchObject([
    0,
    [{ type: 'setting', key: 'io.maxRunning', wanted: 3, effective: 3, applies: 'live' }],
  ]);
  // More had been admitted than the tool's connections let through to the server: the lane says when they are done.
  const ioRunning = async (): Promise<number> => Number((await lanesOf(site)).get('io')?.['running']);
  await expect.poll(ioRunning, { timeout: 20_000 }).toBeLessThanOrEqual(3);
  server.takeMost();
  await systemClock.sleep(WATCHED_MS);
  expect(server.takeMost()).toBe(3);
  expect((await lanesOf(site)).get('io')).toMatchObject({ max: 3 });
  expect(Number((await lanesOf(site)).get('io')?.['running'])).toBeLessThanOrEqual(3);

  const paused = await site.run(['pause', runId]);
  expect([paused.code, paused.lines]).toEqual([0, [{ type: 'run', runId, state: 'paused' }]]);
  await running.says('The run is paused');
  // What a turn has asked for is done; then every agent waits.
  await expect.poll(async () => await isQuiet(server), { timeout: 20_000 }).toBe(true);
  const before = server.count;
  await systemClock.sleep(WATCHED_MS);
  expect(server.count).toBe(before);
  expect((await site.run(['status'])).lines).toContainEqual(
    expect.objectContaining({ type: 'run', runId, state: 'paused' }),
  );
  expect((await site.run(['history', 'list'])).lines).toMatchObject([{ runId, state: 'paused' }]);

  await site.run(['settings', 'set', 'io.maxRunning', '6']);
  expect((await site.run(['resume', runId])).lines).toEqual([{ type: 'run', runId, state: 'running' }]);
  await running.says('The run goes on.');
  await expect.poll(() => server.takeMost(), { timeout: 10_000 }).toBe(6);

  const stopped = await site.run(['stop', runId]);
  expect([stopped.code, stopped.lines]).toEqual([0, [{ type: 'run', runId, state: 'stopped' }]]);
  const end = await running.ended;
  expect([end.code, only(linesOf(end.stdout), 'run.finished')]).toMatchObject([
    130,
    { runId, state: 'stopped', lost: 0, duplicated: 0 },
  ]);
  expect(end.stderr).not.toMatch(TRACE);
  // Changes are recorded, newest first.
  expect((await site.run(['settings', 'history'])).lines).toMatchObject([
    { type: 'change', key: 'io.maxRunning', from: 3, to: 6 },
    { type: 'change', key: 'io.maxRunning', from: 256, to: 3 },
  ]);
});

/** Whether nothing was asked for half a watched time. */
async function isQuiet(server: { readonly count: number }): Promise<boolean> {
  const before = server.count;
  await systemClock.sleep(WATCHED_MS / 2);
  return server.count === before;
}
