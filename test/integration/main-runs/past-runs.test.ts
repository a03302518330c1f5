import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import type { HostedInstance } from '../../../main/instance/host-instance.ts';
import { createRecordedReports } from '../../../main/runs/recorded-reports.ts';
import { openInstance } from '../../support/runs/hosted-instance.ts';
import { readAgents, readFigures, readLog, type Reading } from '../../support/runs/run-readings.ts';

const FLEET = `flotilla: 1
name: mixed
workspace: .
model: sim/default
tools: [read_file, search_files]
agents:
  - name: reader
    count: 6
    prompt: |
      Call the tool \`read_file\` exactly 6 times, 3 at a time, with path \`note.txt\`. Report what it says.
  - name: lost
    prompt: |
      Call the tool \`read_file\` exactly 2 times, 1 at a time, with path \`missing.txt\`. Report what it says.
  - name: program
    kind: command
    command: [node, -e, "console.log('said by a program')"]
    prompt: none
  - name: broken
    kind: command
    command: [node, -e, "console.error('no luck'); process.exit(3)"]
    prompt: none
limits: { concurrentAgents: 4, turns: 20, toolCalls: 50, minutes: 2 }
budget: { tokens: 1000000000 }
output: { results: results.jsonl }
`;

interface Site extends AsyncDisposable {
  readonly dataDir: string;
  readonly path: string;
}

async function createSite(fleet: string): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'past-runs-'));
  const path = join(folder, 'fleet.yaml');
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'note.txt'), 'The surveyors were surveying the lighthouse.\n');
  await writeFile(path, fleet);
  return {
    dataDir: join(folder, 'data'),
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readAll({ client: { calls } }: HostedInstance, runId: string) {
  const logs = Array.from({ length: 9 }, (_, agent) => readLog(calls.runs.log({ runId, agent })));
  const [agents, figures, ...read] = await Promise.all([
    readAgents(calls.runs.agents({ runId })),
    readFigures(calls.runs.figures({ runId })),
    ...logs,
  ]);
  const view = await calls.runs.get({ runId });
  return { agents, figures, logs: read, view };
}

/** Without what only the living know: it counts from other moments. */
function comparable({ startedAtMs, ...row }: Reading): Reading {
  return { ...row, busyMs: 0, hasStarted: Number(startedAtMs !== 0) };
}

test('a run read after a restart is the run that was watched: agents, logs, figures, report', async () => {
  await using site = await createSite(FLEET);
  let runId = '';
  let live: Awaited<ReturnType<typeof readAll>>;
  {
    await using instance = await openInstance(site.dataDir);
    ({ runId } = await instance.client.calls.fleets.launch({ path: site.path, overrides: {} }));
    live = await readAll(instance, runId);
  }
  await using instance = await openInstance(site.dataDir);
  const past = await readAll(instance, runId);

  expect(live.agents.map(({ name }) => name)).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((n) => `reader-${n}`),
    'lost',
    'program',
    'broken',
  ]);
  expect(past.agents.map(comparable)).toEqual(live.agents.map(comparable));
  expect(past.agents[0]).toMatchObject({ state: 'done', kind: 'model', model: 'sim/default', toolCalls: 6 });
  expect(past.agents[6]).toMatchObject({ toolCalls: 2, toolCallsFailed: 2 });
  expect(past.agents[8]).toMatchObject({
    state: 'failed',
    kind: 'command',
    detail: expect.stringContaining('no luck'),
  });

  for (const [agent, log] of past.logs.entries()) expect([agent, log]).toEqual([agent, live.logs[agent]]);
  expect(past.logs[0]!.entries[0]).toMatchObject({
    kind: 'prompt',
    prompt: { text: expect.stringContaining('exactly 6') },
  });
  expect(past.logs[0]!.entries.at(-1)).toMatchObject({ kind: 'state', state: 'done' });
  expect(past.logs[7]!.entries).toMatchObject([
    { kind: 'prompt' },
    { kind: 'answer', text: { text: 'said by a program', chars: 17 } },
    { kind: 'state', state: 'done' },
  ]);

  const sum = (rows: readonly Reading[], column: string): number =>
    rows.reduce((total, row) => total + Number(row[column]), 0);
  expect(sum(live.figures, 'toolCalls')).toBe(38);
  for (const column of ['toolCalls', 'toolCallsFailed', 'turns', 'outputTokens'])
    expect([column, sum(past.figures, column)]).toEqual([column, sum(live.figures, column)]);

  expect(past.view.run).toEqual(live.view.run);
  expect(past.view.report).toEqual(live.view.report);
  expect(past.view).toMatchObject({
    isLive: false,
    fleetPath: live.view.fleetPath,
    workspace: live.view.workspace,
    settingsVersion: live.view.settingsVersion,
    uses: live.view.uses,
    budget: { tokens: 1_000_000_000 },
    resultsPath: live.view.resultsPath,
    notices: live.view.notices,
    report: { lost: 0, duplicated: 0, agentsFailed: 1 },
  });
  expect(past.view.uses).toEqual(['sim/default (sim)', 'node']);

  // Without the report that was kept, the same is put together from history and the tools' own file.
  await rm(join(site.dataDir, 'runs', runId, 'report.json'));
  await using reader = await openHistoryReader({ dataDir: site.dataDir });
  const together = await createRecordedReports({ dataDir: site.dataDir }).read(await reader.getRun(runId));
  expect({ ...together, peakRssBytes: past.view.report!.peakRssBytes }).toEqual(past.view.report);

  const { calls } = instance.client;
  const times = await calls.runs.times({ runId, agent: 0 });
  expect(times.tools).toMatchObject([{ tool: 'read_file', calls: 6 }]);
  const known = times.askingMs + times.tools[0]!.ms + times.waiting.reduce((total, { ms }) => total + ms, 0);
  // Asking begins a moment before the wall clock has the turn; what is known is never more than a tick beyond the life.
  expect(known).toBeLessThanOrEqual(times.lifeMs + 20);
  expect((await calls.history.runs({ limit: 10, fleet: 'mixed' })).runs).toMatchObject([
    { runId, state: 'done', failed: 1 },
  ]);
  const found = async () => (await calls.history.search({ text: 'survey lighthouse', limit: 50, runId })).hits;
  await expect.poll(async () => (await found()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(36);
  const hit = (await found()).find(({ what }) => what === 'toolCall')!;
  expect(hit.marks.map(([start, end]) => hit.text.slice(start, end))).toEqual(['surveying', 'lighthouse']);
  expect(hit.name).toMatch(/^reader-[1-6]$/);
  expect((await calls.history.sizeByTable({})).tables.map(({ table }) => table)).toContain('tool_calls');
});

test('what is not there is refused: a run, an agent, a place in a log', async () => {
  await using site = await createSite(FLEET);
  await using instance = await openInstance(site.dataDir);
  const { runs, fleets } = instance.client.calls;
  const nowhere = '01K00000000000000000000009';
  const refusal = { code: 'RUN_NOT_FOUND' };
  await expect(runs.get({ runId: nowhere })).rejects.toMatchObject(refusal);
  await expect(readAgents(runs.agents({ runId: nowhere }))).rejects.toMatchObject(refusal);
  await expect(readFigures(runs.figures({ runId: nowhere }))).rejects.toMatchObject(refusal);
  await expect(readLog(runs.log({ runId: nowhere, agent: 0 }))).rejects.toMatchObject(refusal);
  await expect(runs.times({ runId: nowhere, agent: 0 })).rejects.toMatchObject(refusal);
  await expect(runs.pauseAgent({ runId: nowhere, agent: 0 })).rejects.toMatchObject({ code: 'RUN_NOT_LIVE' });
  const { runId } = await fleets.launch({ path: site.path, overrides: {} });
  await expect(readLog(runs.log({ runId, agent: 99 }))).rejects.toMatchObject(refusal);
  await expect(runs.times({ runId, agent: 99 })).rejects.toMatchObject(refusal);
  await expect(runs.earlierLog({ runId, agent: 0, before: 'nonsense' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  await expect(runs.stopAgent({ runId, agent: 99 })).rejects.toMatchObject({ code: 'AGENT_NOT_LIVE' });
  await runs.stop({ runId, deadlineMs: 0 });
});
