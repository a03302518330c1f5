import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostedInstance } from '../../../main/instance/host-instance.ts';
import type { RunView } from '../../../shared/contract/run-schemas.ts';
import { tookMs } from '../../../shared/model/run-times.ts';
import { openInstance } from '../../support/runs/hosted-instance.ts';

/** Budget for a part of the work; what is left needs more. */
const FLEET = `flotilla: 1
name: thrifty
workspace: .
model: sim/default
tools: [read_file]
agents:
  - name: reader
    count: 8
    prompt: |
      Call the tool \`read_file\` exactly 6 times, 2 at a time, with path \`note.txt\`. Report what it says.
limits: { concurrentAgents: 2, turns: 20, toolCalls: 50, minutes: 2 }
budget: { tokens: 2000 }
`;

interface Site extends AsyncDisposable {
  readonly dataDir: string;
  readonly path: string;
}

async function createSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'resumed-runs-'));
  const path = join(folder, 'fleet.yaml');
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'note.txt'), 'One line.\n');
  await writeFile(path, FLEET);
  return {
    dataDir: join(folder, 'data'),
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

type Calls = HostedInstance['client']['calls'];

async function reach(calls: Calls, runId: string, state: RunView['run']['state']): Promise<RunView> {
  await expect.poll(async () => (await calls.runs.get({ runId })).run.state, { timeout: 30_000 }).toBe(state);
  return await calls.runs.get({ runId });
}

async function listed(calls: Calls, runId: string) {
  const run = (await calls.history.runs({ limit: 10 })).runs.find((one) => one.runId === runId);
  if (!run) throw new Error('The run is not in the list.');
  return run;
}

test('a run of three lives says everywhere when it was launched, how long it took, what was cut short and its raised budget', async () => {
  await using site = await createSite();
  let runId = '';
  let launchedAtMs = 0;
  {
    await using instance = await openInstance(site.dataDir);
    const { calls } = instance.client;
    ({ runId } = await calls.fleets.launch({ path: site.path, overrides: {} }));
    const paused = await reach(calls, runId, 'paused');
    launchedAtMs = paused.run.startedAtMs;
    const told = { startedAtMs: launchedAtMs, workedMs: paused.run.workedMs };
    expect(paused.run.workingSinceMs).toBeUndefined();
    // What has just happened is in the list when it is written, within moments.
    await expect.poll(() => listed(calls, runId)).toMatchObject({ state: 'paused', ...told });
    await calls.runs.resume({ runId, budget: { tokens: 4_000 } });
    const again = await reach(calls, runId, 'paused');
    expect(again.run.workedMs).toBeGreaterThan(paused.run.workedMs);
  }
  const closedAtMs = Date.now();
  {
    // It was put away paused: it is listed as such, and goes on with the budget that it was given.
    await using instance = await openInstance(site.dataDir);
    const { calls } = instance.client;
    const awayMs = Date.now() - closedAtMs;
    const put = await calls.runs.get({ runId });
    expect(put).toMatchObject({
      isLive: false,
      run: { state: 'paused', startedAtMs: launchedAtMs },
      budget: { tokens: 4_000 },
    });
    await calls.fleets.launch({ resume: runId, overrides: {} });
    const held = await reach(calls, runId, 'paused');
    expect(held).toMatchObject({ isLive: true, run: { startedAtMs: launchedAtMs }, budget: { tokens: 4_000 } });
    expect(held.run.workedMs).toBeGreaterThanOrEqual(put.run.workedMs);
    await calls.runs.stop({ runId, deadlineMs: 0 });
    const stopped = await reach(calls, runId, 'stopped');
    const { agentsCutShort } = stopped.run;
    expect(agentsCutShort).toBeGreaterThan(0);
    await expect
      .poll(() => listed(calls, runId))
      .toMatchObject({ state: 'stopped', cutShort: agentsCutShort, agentsDone: 8 });
    await calls.fleets.launch({ resume: runId, overrides: { 'budget.tokens': 1_000_000 } });
    const done = await reach(calls, runId, 'done');
    expect(done).toMatchObject({ run: { startedAtMs: launchedAtMs, agentsDone: 8, agentsCutShort: 0 } });
    const took = tookMs(done.run, done.run.endedAtMs!);
    expect(done.report?.ms).toBe(took);
    // The time between two lives is none that the run took.
    expect(took).toBeLessThanOrEqual(done.run.endedAtMs! - launchedAtMs - awayMs);
    const { workedMs, endedAtMs } = done.run;
    expect(await listed(calls, runId)).toMatchObject({ startedAtMs: launchedAtMs, endedAtMs, workedMs, cutShort: 0 });
  }
  await using instance = await openInstance(site.dataDir);
  const past = await instance.client.calls.runs.get({ runId });
  expect(past).toMatchObject({ isLive: false, run: { startedAtMs: launchedAtMs }, budget: { tokens: 1_000_000 } });
  expect(past.report?.ms).toBe(past.run.workedMs);
});

test('a past run without a kept report is shown at once; its report is put together when it is asked for, and kept', async () => {
  await using site = await createSite();
  await using instance = await openInstance(site.dataDir);
  const { calls } = instance.client;
  const { runId } = await calls.fleets.launch({ path: site.path, overrides: { 'budget.tokens': 1_000_000 } });
  const live = await reach(calls, runId, 'done');
  await instance[Symbol.asyncDispose]();
  await rm(join(site.dataDir, 'runs', runId, 'report.json'));
  await using later = await openInstance(site.dataDir);
  const { runs } = later.client.calls;
  expect((await runs.get({ runId })).report).toBeUndefined();
  const { peakRssBytes: _peakRssBytes, ...report } = live.report!;
  expect(await runs.report({ runId })).toEqual(report);
  expect((await runs.get({ runId })).report).toEqual(report);
  await expect(runs.report({ runId: '01K00000000000000000000009' })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});
