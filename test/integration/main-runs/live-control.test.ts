import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInstance } from '../../support/runs/hosted-instance.ts';
import { readAgents, readLog } from '../../support/runs/run-readings.ts';

/** Far more calls than the test lets them make. */
const FLEET = `flotilla: 1
name: long
workspace: .
model: sim/default
tools: [read_file]
agents:
  - name: reader
    count: 3
    prompt: |
      Call the tool \`read_file\` exactly 9000 times, 1 at a time, with path \`fleet.yaml\`. Report what it says.
limits: { concurrentAgents: 3, turns: 10000, toolCalls: 10000, minutes: 5 }
`;

test('a live run is held and let go, one agent of it stopped: rows, log and times say so while it goes on', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'live-control-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'fleet.yaml');
  await writeFile(path, FLEET);
  const instance = stack.use(await openInstance(join(folder, 'data')));
  const { runs, fleets } = instance.client.calls;
  const { runId } = await fleets.launch({ path, overrides: {} });
  const agents = readAgents(runs.agents({ runId }));
  const log = readLog(runs.log({ runId, agent: 1 }));
  await expect.poll(async () => (await runs.progress({ runId })).toolCalls, { timeout: 20_000 }).toBeGreaterThan(3);

  const other = (await fleets.launch({ path, overrides: {} })).runId;
  await runs.pause({ runId: other });
  // Each answers the runs that it changed.
  expect((await runs.pauseAll({})).runs).toMatchObject([{ runId, state: 'paused' }]);
  expect((await runs.pauseAll({})).runs).toEqual([]);
  await runs.stop({ runId: other, deadlineMs: 0 });
  expect(await runs.get({ runId })).toMatchObject({ isLive: true, run: { state: 'paused' } });
  expect((await runs.resumeAll({})).runs).toMatchObject([{ runId, state: 'running' }]);
  expect((await runs.resumeAll({})).runs).toEqual([]);

  await runs.pauseAgent({ runId, agent: 2 });
  await runs.stopAgent({ runId, agent: 1, deadlineMs: 0 });
  // Its log has ended with it, although the run goes on.
  const { entries } = await log;
  expect(entries.at(-1)).toMatchObject({ kind: 'state', state: 'stopped', reason: 'by the operator' });
  expect((await runs.progress({ runId })).state).toBe('running');
  await expect(runs.pauseAgent({ runId, agent: 1 })).rejects.toMatchObject({ code: 'AGENT_NOT_LIVE' });
  const times = await runs.times({ runId, agent: 0 });
  expect([times.lifeMs > 0, times.askingMs > 0, times.tools.map(({ tool }) => tool)]).toEqual([
    true,
    true,
    ['read_file'],
  ]);

  await runs.resumeAgent({ runId, agent: 2 });
  await runs.stop({ runId, deadlineMs: 0 });
  expect((await agents).map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  const again = await readLog(runs.log({ runId, agent: 1 }));
  // A pause that ends within its millisecond may stand on the other side of the turn that follows it.
  const watched = new Map(entries.map((entry) => ['key' in entry && entry.key, entry]));
  for (const entry of again.entries) expect(entry).toEqual(watched.get('key' in entry && entry.key));
});
