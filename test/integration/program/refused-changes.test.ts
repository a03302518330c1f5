import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openHeldServer, type HeldServer } from '../../support/servers/held-server.ts';
import { createSite, only, runIdOf, TRACE, type Site } from '../../support/program.ts';
import { linesOf, type JsonLine, type Running } from '../cli/command-line.ts';

const GIB = 2 ** 30;
const AGENTS = 8;
const CALLS_EACH = 60;
const CALLS = AGENTS * CALLS_EACH;
/** Answered between two looks: more than agents ask for in one turn, so that they must go on to another. */
const PORTION = 32;

/** Agents whose calls are answered when the test says so: what is in flight stays so as long as it wants. */
const toFleet = (url: string): string => `model: sim/default
tools: [http]
allow: [http-loopback]
agents:
  - name: asking
    count: ${AGENTS}
    prompt: Call the tool \`http\` exactly ${CALLS_EACH} times, 3 at a time, with url \`${url}/{{index}}/<n>\`.
limits: { concurrentAgents: ${AGENTS}, turns: 100, toolCalls: ${CALLS_EACH}, minutes: 10 }
`;

interface Scene extends AsyncDisposable {
  readonly site: Site;
  readonly server: HeldServer;
  readonly running: Running;
  readonly runId: string;
}

/** A run with calls in flight. */
async function openScene(environment: Readonly<Record<string, string>> = {}): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await createSite());
  const server = opening.use(await openHeldServer());
  const fleet = await site.fleet('asking', toFleet(server.url));
  const running = opening.use(site.start(['run', fleet], { FLOTILLA_TOOLS_TIMEOUT_MS: '600000', ...environment }));
  const runId = await runIdOf(running);
  await expect.poll(() => server.paths.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(AGENTS);
  const owned = opening.move();
  return { site, server, running, runId, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Work goes on: calls that were in flight end, and others begin. */
async function goesOn({ server }: Scene): Promise<void> {
  const answered = server.answered + PORTION;
  const begun = server.paths.length;
  server.letPass(PORTION);
  await expect.poll(() => server.answered, { timeout: 30_000 }).toBe(answered);
  await expect.poll(() => server.paths.length, { timeout: 30_000 }).toBeGreaterThan(begun);
}

/** Lets the run end: nothing was lost, nothing ran twice, nothing failed. */
async function endsWhole({ server, running, runId }: Scene): Promise<void> {
  server.letPass(CALLS);
  const end = await running.ended;
  expect(end.stderr).not.toMatch(TRACE);
  expect([end.code, only(linesOf(end.stdout), 'run.finished')]).toMatchObject([
    0,
    { runId, state: 'done', failed: 0, toolCalls: CALLS, toolCallsFailed: 0, lost: 0, duplicated: 0 },
  ]);
  expect(new Set(server.paths).size).toBe(CALLS);
  expect(server.paths).toHaveLength(CALLS);
}

const fileOf = (site: Site): string => join(site.dataDir, 'settings.json');

/** As most editors save: beside the file, then in its place. */
async function save(site: Site, text: string): Promise<void> {
  await writeFile(`${fileOf(site)}.new`, text);
  await rename(`${fileOf(site)}.new`, fileOf(site));
}

async function effectiveOf(site: Site, ...keys: string[]): Promise<unknown[]> {
  const { code, lines, stderr } = await site.run(['settings', 'list']);
  if (code !== 0) throw new Error(stderr);
  return keys.map((key) => lines.find((line) => line['key'] === key)?.['effective']);
}

async function changesOf(site: Site): Promise<JsonLine[]> {
  return (await site.run(['settings', 'history'])).lines;
}

/** What `settings list` says of the file until it is right again. */
async function problemOf(site: Site): Promise<string> {
  return (await site.run(['settings', 'list'])).stderr;
}

test('a bad settings file changes nothing in a live run and says why; the next good one is in force', async () => {
  await using scene = await openScene();
  const { site } = scene;
  expect((await site.run(['settings', 'set', 'io.maxRunning', '9'])).code).toBe(0);
  for (const [bad, why] of [
    ['{"io.maxRunning": 10, "cpu.maxWorkrs": 3}', /did you mean "cpu.maxWorkers"/],
    ['{"io.maxRunning": 10, "cpu.maxWorkers": 65}', /between 1 and 64/],
    ['{"io.maxRunning": 10, ', /correct it or delete it/],
    ['{"io.maxRunning": 10, "provider.retryBaseMs": 60000}', /must be at most/],
  ] as const) {
    await save(site, bad);
    await expect.poll(() => problemOf(site), { timeout: 20_000 }).toMatch(why);
    expect(await effectiveOf(site, 'io.maxRunning', 'provider.retryBaseMs')).toEqual([9, 250]);
    expect(await readFile(fileOf(site), 'utf8')).toBe(bad);
    // A change from a terminal would take the bad file for the good one: it is refused, and says why.
    const set = await site.run(['settings', 'set', 'io.maxRunning', '11']);
    expect([set.code, set.stderr]).toEqual([3, expect.stringMatching(why)]);
    await goesOn(scene);
  }
  await save(site, '{"io.maxRunning": 10}');
  await expect.poll(() => effectiveOf(site, 'io.maxRunning'), { timeout: 20_000 }).toEqual([10]);
  expect(await problemOf(site)).toBe('');
  expect(await changesOf(site)).toMatchObject([
    { key: 'io.maxRunning', from: 9, to: 10, by: 'file' },
    { key: 'io.maxRunning', from: 256, to: 9 },
  ]);
  await endsWhole(scene);
});

test('changes that come at once from many terminals are made one after the other, each from what the one before it left', async () => {
  await using scene = await openScene();
  const { site } = scene;
  const values = ['3', '5', '7', '9'];
  const ends = await Promise.all(values.map((value) => site.run(['settings', 'set', 'cpu.maxWorkers', value])));
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const changes = (await changesOf(site)).toReversed();
  expect(changes.map(({ to }) => String(to)).toSorted()).toEqual(values);
  for (const [index, change] of changes.slice(1).entries()) expect(change['from']).toBe(changes[index]!['to']);
  expect(await effectiveOf(site, 'cpu.maxWorkers')).toEqual([changes.at(-1)!['to']]);
  await goesOn(scene);
  // One that is refused among others that are not takes none of them with it.
  const [good, bad] = await Promise.all([
    site.run(['settings', 'set', 'io.maxRunning', '20']),
    site.run(['settings', 'set', 'io.maxRunning', '0']),
  ]);
  expect([good.code, bad.code, bad.stderr]).toEqual([0, 3, expect.stringMatching(/between 1 and/)]);
  expect(await effectiveOf(site, 'io.maxRunning')).toEqual([20]);
  await goesOn(scene);
  await endsWhole(scene);
});

test('a module that refuses after others have accepted takes the whole change back, with its reason', async () => {
  const cage = pathToFileURL(join(import.meta.dirname, '../../support/caged-engine.ts')).href;
  await using scene = await openScene({ NODE_OPTIONS: `--import ${cage}` });
  const { site } = scene;
  const keys = ['agents.modelEnabled', 'cpu.maxWorkers', 'cpu.oldGenerationBytes', 'io.maxRunning'];
  const before = await effectiveOf(site, ...keys);
  const values = {
    'agents.modelEnabled': false,
    'cpu.maxWorkers': 8,
    'cpu.oldGenerationBytes': GIB,
    'io.maxRunning': 5,
  };
  // Every value is right by itself; the switch of agents is carried out before the threads refuse their heaps.
  await save(site, JSON.stringify(values));
  await expect
    .poll(() => problemOf(site), { timeout: 20_000 })
    .toMatch(/lower cpu.maxWorkers or cpu.oldGenerationBytes/);
  expect(await effectiveOf(site, ...keys)).toEqual(before);
  expect(await changesOf(site)).toEqual([]);
  // Agents would begin no turn any more were they still switched off.
  await goesOn(scene);
  await goesOn(scene);
  await save(site, JSON.stringify({ ...values, 'agents.modelEnabled': true, 'cpu.maxWorkers': 2 }));
  await expect.poll(() => effectiveOf(site, 'io.maxRunning'), { timeout: 20_000 }).toEqual([5]);
  await endsWhole(scene);
});

/** Searches that take their threads a while each, and one call that is held until the test has made its changes. */
const SEARCHES_EACH = 30;
const toSearches = (url: string): string => `model: sim/default
tools: [search_files, http]
allow: [http-loopback]
cache: { toolResults: false }
agents:
  - name: searching
    count: ${AGENTS}
    prompt: Call the tool \`search_files\` exactly ${SEARCHES_EACH} times, all at once, with pattern \`(a|b)*needle {{index}} <n>\`, path \`hay.txt\`.
  - name: asking
    prompt: Call the tool \`http\` exactly once, with url \`${url}/held\`.
limits: { concurrentAgents: ${AGENTS + 1}, turns: 5, toolCalls: ${SEARCHES_EACH}, minutes: 10 }
`;

/** The third comes while threads still drain for the first, the fourth is refused, the last two are what holds. */
const CHANGES = [
  ['cpu.oldGenerationBytes', '96MiB', 0],
  ['cpu.maxWorkers', '5', 0],
  ['cpu.oldGenerationBytes', '128MiB', 0],
  ['cpu.maxWorkers', '100', 3],
  ['cpu.oldGenerationBytes', '160MiB', 0],
  ['cpu.maxWorkers', '2', 0],
] as const;

test('changes that come while an earlier one has not reached every thread are all made, and the last ones hold', async () => {
  await using site = await createSite();
  await using server = await openHeldServer();
  await writeFile(join(site.folder, 'hay.txt'), 'ababab needle 0\n'.repeat(150_000));
  await site.run(['settings', 'set', 'cpu.maxWorkers', '3']);
  const fleet = await site.fleet('searching', toSearches(server.url));
  await using running = site.start(['run', fleet], { FLOTILLA_TOOLS_TIMEOUT_MS: '600000' });
  const runId = await runIdOf(running);
  const threads = async (): Promise<JsonLine[]> =>
    (await site.run(['status'])).lines.filter(({ type, name }) => type === 'thread' && String(name).startsWith('cpu-'));
  await expect.poll(async () => (await threads()).length, { timeout: 30_000 }).toBe(3);
  for (const [key, value, code] of CHANGES)
    expect(await site.run(['settings', 'set', key, value])).toMatchObject({ code });
  // That of before the run and five of these.
  expect(await changesOf(site)).toHaveLength(6);
  await expect
    .poll(() => effectiveOf(site, 'cpu.maxWorkers', 'cpu.oldGenerationBytes'), { timeout: 60_000 })
    .toEqual([2, 160 * 2 ** 20]);
  await expect.poll(async () => (await threads()).length, { timeout: 60_000 }).toBeLessThanOrEqual(2);
  server.letPass(1);
  const end = await running.ended;
  expect([end.code, only(linesOf(end.stdout), 'run.finished')]).toMatchObject([
    0,
    {
      runId,
      state: 'done',
      failed: 0,
      toolCalls: AGENTS * SEARCHES_EACH + 1,
      toolCallsFailed: 0,
      lost: 0,
      duplicated: 0,
    },
  ]);
});
