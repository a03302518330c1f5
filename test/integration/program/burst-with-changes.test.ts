import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHeldServer, type HeldServer } from '../../support/servers/held-server.ts';
import { createSite, only, runIdOf, TRACE, type Site } from '../../support/program.ts';
import { linesOf, type JsonLine } from '../cli/command-line.ts';

/** Every agent asks for its calls in one turn: the burst of PERFORMANCE.md. */
const CALLS_EACH = 100;
const ASKING = 80;
const SEARCHING = 20;
const CALLS = CALLS_EACH * (ASKING + SEARCHING);
const HELD = CALLS_EACH * ASKING;
/** Answered between two changes. */
const PORTION = 200;

const SLOTS = 256;
const MIB = 2 ** 20;
/** Resident memory with the burst and eight threads in it: main's part, and each thread's with its young generation. */
const MOST_BYTES = (320 + 8 * 64) * MIB;

const toFleet = (url: string): string => `model: sim/default
tools: [http, search_files]
allow: [http-loopback]
agents:
  - name: asking
    count: ${ASKING}
    tools: [http]
    prompt: Call the tool \`http\` exactly ${CALLS_EACH} times, all at once, with url \`${url}/{{index}}/<n>\`.
  - name: searching
    count: ${SEARCHING}
    tools: [search_files]
    prompt: Call the tool \`search_files\` exactly ${CALLS_EACH} times, all at once, with pattern \`(a|b)*needle {{index}} <n>\`, path \`hay.txt\`.
limits: { concurrentAgents: ${ASKING + SEARCHING}, turns: 5, toolCalls: ${CALLS_EACH}, minutes: 10 }
`;

/** What is changed while the burst is there, one terminal each. */
const CHANGES = [
  ['cpu.maxWorkers', '8', 8],
  ['cpu.oldGenerationBytes', '96MiB', 96 * MIB],
  ['cache.toolResults.maxEntries', '50', 50],
  ['cpu.maxWorkers', '2', 2],
  ['cache.toolResults.maxBytes', '1MiB', MIB],
  ['cpu.oldGenerationBytes', '192MiB', 192 * MIB],
  ['io.maxRunning', '64', 64],
] as const;

/** A call that is held must not run out of time; no call depends on how fast this machine is. */
const environment = { FLOTILLA_TOOLS_TIMEOUT_MS: '600000' };

async function statusOf(site: Site): Promise<JsonLine[]> {
  return (await site.run(['status'])).lines;
}

const find = (lines: readonly JsonLine[], type: string, name: string): JsonLine | undefined =>
  lines.find((line) => line.type === type && line['name'] === name);

async function heldInLane(site: Site): Promise<number> {
  const io = find(await statusOf(site), 'lane', 'io');
  return Number(io?.['running']) + Number(io?.['waiting']);
}

/** Threads of the cpu lane, as the system names them; as the program counts them elsewhere. */
async function countThreads(site: Site, pid: number): Promise<number> {
  if (process.platform !== 'linux') return (await statusOf(site)).filter(({ type }) => type === 'thread').length - 1;
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).filter((task) => {
    try {
      return /^cpu-\d/.test(readFileSync(`${tasks}/${task}/comm`, 'utf8'));
    } catch {
      return false;
    }
  }).length;
}

/** What a change comes to, as far as it can be seen from outside; as it is said otherwise. */
async function observed(site: Site, pid: number, key: string): Promise<unknown> {
  if (key === 'cpu.maxWorkers') return await countThreads(site, pid);
  return only((await site.run(['settings', 'get', key])).lines, 'setting')['effective'];
}

/** Makes every change from a terminal of its own, with answers in between; what is held is there before and after each. */
async function changeAll(site: Site, server: HeldServer, pid: number): Promise<void> {
  for (const [key, value, wanted] of CHANGES) {
    const before = server.answered;
    const set = await site.run(['settings', 'set', key, value]);
    expect([set.code, set.stderr]).toEqual([0, '']);
    expect(set.lines).toMatchObject([{ type: 'setting', key, wanted }]);
    server.letPass(PORTION);
    await expect.poll(() => server.answered, { timeout: 60_000 }).toBe(before + PORTION);
    await expect.poll(() => observed(site, pid, key), { timeout: 60_000 }).toBe(wanted);
  }
}

test('while 10,000 calls are there at once, threads, heaps, caches and slots are changed from another terminal and nothing is lost', async () => {
  await using site = await createSite();
  await using server = await openHeldServer();
  await writeFile(
    join(site.folder, 'hay.txt'),
    Array.from({ length: 12_000 }, (_, n) => `ababab needle ${n % 90}`).join('\n'),
  );
  const fleet = await site.fleet('burst', toFleet(server.url));
  await site.run(['settings', 'set', 'cpu.maxWorkers', '2']);
  await using running = site.start(['run', fleet], environment);
  const runId = await runIdOf(running);
  // All of them are there at once: nobody has been answered.
  await expect.poll(() => heldInLane(site), { timeout: 60_000 }).toBe(HELD);
  expect(find(await statusOf(site), 'lane', 'io')).toMatchObject({ running: SLOTS, max: SLOTS });

  await changeAll(site, server, running.pid);
  expect(server.answered).toBeLessThan(HELD);
  const lines = await statusOf(site);
  expect(find(lines, 'cache', 'toolResults')).toMatchObject({ maxEntries: 50, maxBytes: MIB });
  server.letPass(HELD);
  const end = await running.ended;
  expect(end.stderr).not.toMatch(TRACE);
  expect([end.code, only(linesOf(end.stdout), 'run.finished')]).toMatchObject([
    0,
    { runId, state: 'done', failed: 0, toolCalls: CALLS, lost: 0, duplicated: 0 },
  ]);
  expect(only(linesOf(end.stdout), 'run.finished')['peakRssBytes']).toBeLessThan(MOST_BYTES);
  // Each came once, by the count of who was asked, and history has every one of them.
  expect(server.paths).toHaveLength(HELD);
  expect(new Set(server.paths).size).toBe(HELD);
  const shown = (await site.run(['history', 'show', runId])).lines.filter(({ type }) => type === 'toolCall');
  expect(shown).toHaveLength(CALLS);
  expect(new Set(shown.map((call) => call['state']))).toEqual(new Set(['done']));
});
