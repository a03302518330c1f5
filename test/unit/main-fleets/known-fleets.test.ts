import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAddedFleets, MAX_ADDED } from '../../../main/fleets/added-fleets.ts';
import { listExamples } from '../../../main/fleets/example-fleets.ts';
import { listKnownFleets } from '../../../main/fleets/known-fleets.ts';
import type { RunRecord } from '../../../main/history/history-records.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

const run = (fleetPath: string, startedAtMs: number): RunRecord => ({
  runId: `run-${startedAtMs}`,
  fleet: 'as-recorded',
  fleetPath,
  workspace: '/',
  state: 'done',
  startedAtMs,
  endedAtMs: startedAtMs + 5,
  settingsVersion: 0,
  agents: 3,
  agentsDone: 3,
  failed: 1,
  atLimit: 0,
  cutShort: 0,
  workedMs: 0,
  turns: 3,
  retries: 0,
  toolCalls: 0,
  toolCallsFailed: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0.25,
  unpricedTurns: 0,
});
const historyOf = (...runs: RunRecord[]) => ({ fleetRuns: async () => runs });

test('each file comes once: those that ran first, the last run at the top, with what it says of itself', async () => {
  using folder = temporaryDirectory();
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('example.yaml'), 'name: shipped\ndescription: >\n  Two\n  lines.\nagents: [{');
  await writeFile(at('mine.yaml'), 'name: mine\n');
  await writeFile(at('no-yaml.yaml'), '\tname: [');
  const added = createAddedFleets(folder.path, () => 1);
  for (const name of ['no-yaml.yaml', 'mine.yaml', 'example.yaml']) await added.add(at(name));
  const fleets = await listKnownFleets({
    examples: async () => [at('example.yaml')],
    added,
    history: historyOf(run(at('gone.yaml'), 20), run(at('mine.yaml'), 10)),
  });
  expect(fleets).toMatchObject([
    {
      path: at('gone.yaml'),
      name: 'as-recorded',
      origin: 'run',
      exists: false,
      lastRun: { startedAtMs: 20, failed: 1 },
    },
    { path: at('mine.yaml'), name: 'mine', origin: 'added', exists: true, lastRun: { runId: 'run-10', costUsd: 0.25 } },
    { path: at('example.yaml'), name: 'shipped', description: 'Two lines.', origin: 'example', exists: true },
    { path: at('no-yaml.yaml'), name: 'no-yaml.yaml', description: '', origin: 'added', exists: true },
  ]);
});

test('a file that was changed is read again', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  const list = () =>
    listKnownFleets({ examples: async () => [path], added: { load: async () => [] }, history: historyOf() });
  await writeFile(path, 'name: one\n');
  expect(await list()).toMatchObject([{ name: 'one' }]);
  await writeFile(path, 'name: two\n');
  await utimes(path, new Date(), new Date(Date.now() + 5_000));
  expect(await list()).toMatchObject([{ name: 'two' }]);
});

test('the list of added files is bounded, survives a restart, and forgets on demand', async () => {
  using folder = temporaryDirectory();
  const full = Array.from({ length: MAX_ADDED }, (_, n) => ({ path: `/f${n}.yaml`, addedAtMs: 0 }));
  await writeFile(join(folder.path, 'fleets.json'), JSON.stringify(full));
  const added = createAddedFleets(folder.path, () => 7);
  await added.add('/new.yaml');
  const again = createAddedFleets(folder.path, () => 8);
  const paths = (await again.load()).map(({ path }) => path);
  expect([paths.length, paths[0], paths.includes(`/f${MAX_ADDED - 1}.yaml`)]).toEqual([MAX_ADDED, '/new.yaml', false]);
  expect([await again.forget('/new.yaml'), await again.forget('/new.yaml')]).toEqual([true, false]);
  expect(await again.load()).toHaveLength(MAX_ADDED - 1);
});

test('changes made at the same moment are all kept, and a file that is not ours is an empty list', async () => {
  using folder = temporaryDirectory();
  await writeFile(join(folder.path, 'fleets.json'), '{"not":"ours"}');
  const added = createAddedFleets(folder.path, () => 1);
  expect(await added.load()).toEqual([]);
  await Promise.all(['/a.yaml', '/b.yaml', '/c.yaml'].map((path) => added.add(path)));
  expect((await added.load()).map(({ path }) => path)).toEqual(['/c.yaml', '/b.yaml', '/a.yaml']);
});

test('the examples that come with the program begin with the survey of the repository', async () => {
  const names = (await listExamples()).map((path) => path.split('/').at(-1));
  expect(names.slice(0, 2)).toEqual(['repo-survey.yaml', 'sample-survey.yaml']);
  expect(names).toContain('ten-thousand-calls.yaml');
  expect(await listExamples('/nowhere')).toEqual([]);
});
