import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCountingServer } from '../../support/servers/counting-server.ts';
import { createSite, only, runIdOf, type Site } from '../../support/program.ts';
import { linesOf, type JsonLine } from '../cli/command-line.ts';

/** Two agents that read one file again and again. */
const toReaders = (cache: string): string => `model: sim/default
tools: [read_file]
cache: ${cache}
agents:
  - name: reader
    count: 2
    temperature: 0
    prompt: |
      Call the tool \`read_file\` exactly 4 times, 2 at a time, with path \`note.txt\`.
      Report how many answered.
limits: { turns: 10 }
`;

/** What a run came to, and which of its calls and turns were answered from the cache. */
async function runOnce(site: Site, fleet: string) {
  const { code, lines } = await site.run(['run', fleet]);
  const finished = only(lines, 'run.finished');
  const shown = (await site.run(['history', 'show', String(finished['runId'])])).lines;
  const cached = (type: string): number => shown.filter((line) => line.type === type && line['cached'] === true).length;
  const outputs = shown.flatMap((line) => (line.type === 'toolCall' ? [String(line['output'])] : []));
  expect([code, finished]).toMatchObject([0, { state: 'done', toolCalls: 8, lost: 0, duplicated: 0 }]);
  return {
    tokens: finished['tokens'],
    costUsd: finished['costUsd'],
    turns: cached('turn'),
    calls: cached('toolCall'),
    outputs,
  };
}

async function cacheOf(site: Site, name: string): Promise<JsonLine> {
  const { lines } = await site.run(['status']);
  return lines.find((line) => line.type === 'cache' && line['name'] === name)!;
}

test('what was answered once is answered from memory, to the fleet it belongs to and those that share, as long as it holds', async () => {
  await using site = await createSite();
  await writeFile(join(site.folder, 'note.txt'), 'first\n');
  await using serving = site.start(['serve']);
  await serving.says('serve.ready');
  const one = await site.fleet('one', toReaders('{ modelAnswers: true }'));
  const other = await site.fleet('other', toReaders('{ modelAnswers: true }'));
  const unkept = await site.fleet('unkept', toReaders('{ toolResults: false }'));

  const first = await runOnce(site, one);
  expect(first.tokens).toBeGreaterThan(0);
  const again = await runOnce(site, one);
  expect(again).toMatchObject({ tokens: 0, costUsd: 0, turns: 6, calls: 8 });
  expect(new Set([...first.outputs, ...again.outputs])).toEqual(new Set(['lines 1-1 of 1\nfirst\n']));
  // Another fleet asks the same and is told nothing that this one knows.
  expect((await runOnce(site, other)).tokens).toBeGreaterThan(0);
  expect(await runOnce(site, unkept)).toMatchObject({ turns: 0, calls: 0 });

  await writeFile(join(site.folder, 'note.txt'), 'other\n');
  const changed = await runOnce(site, one);
  expect(new Set(changed.outputs)).toEqual(new Set(['lines 1-1 of 1\nother\n']));
  expect(await cacheOf(site, 'modelAnswers')).toMatchObject({
    isEnabled: true,
    entries: expect.any(Number) as number,
    maxEntries: 20_000,
    policy: 'adaptive',
    hitRatio: expect.any(Number) as number,
    evictions: 0,
    loadP50Ms: expect.any(Number) as number,
  });

  const [sharing, alsoSharing] = [
    await site.fleet('sharing', toReaders('{ modelAnswers: true, share: true }')),
    await site.fleet('also-sharing', toReaders('{ modelAnswers: true, share: true }')),
  ];
  expect((await runOnce(site, sharing)).tokens).toBeGreaterThan(0);
  expect(await runOnce(site, alsoSharing)).toMatchObject({ tokens: 0, turns: 6 });
});

test('a limit that is set from another terminal acts on the cache of the running program', async () => {
  await using site = await createSite();
  await writeFile(join(site.folder, 'note.txt'), 'first\n');
  await using serving = site.start(['serve']);
  await serving.says('serve.ready');
  const fleet = await site.fleet('one', toReaders('{ modelAnswers: true }'));
  await runOnce(site, fleet);
  expect(await cacheOf(site, 'modelAnswers')).toMatchObject({ entries: 3, evictions: 0 });
  const set = async (key: string, value: string): Promise<void> => {
    expect((await site.run(['settings', 'set', `cache.modelAnswers.${key}`, value])).code).toBe(0);
  };
  await set('maxEntries', '2');
  expect(await cacheOf(site, 'modelAnswers')).toMatchObject({ entries: 2, maxEntries: 2, evictions: 1 });
  await set('policy', 'sieve');
  expect(await cacheOf(site, 'modelAnswers')).toMatchObject({ entries: 2, policy: 'sieve' });
  await set('enabled', 'off');
  expect(await cacheOf(site, 'modelAnswers')).toMatchObject({ entries: 0, isEnabled: false });
  expect(await runOnce(site, fleet)).toMatchObject({ turns: 0 });
});

/** Of each agent: for longer than it takes to look at the run and to pause it from another process. */
const CALLS = 200;

/** Six agents whose turns take a while. */
const toCallers = (url: string): string => `model: sim/default
tools: [http]
allow: [http-loopback]
agents:
  - name: caller
    count: 6
    prompt: |
      Call the tool \`http\` exactly ${CALLS} times, 2 at a time, with url \`${url}/<n>\`.
      Report how many answered.
limits: { turns: 200 }
`;

/** A run whose agents are paused and whose contexts are, but for one, in the history. */
async function pauseWithSpilledContexts(site: Site, fleet: string) {
  const running = site.start(['run', fleet]);
  const runId = await runIdOf(running);
  const turnsOf = async (): Promise<number> =>
    Number((await site.run(['status'])).lines.find(({ type }) => type === 'run')?.['turns']);
  await expect.poll(turnsOf, { timeout: 20_000 }).toBeGreaterThan(12);
  await site.run(['settings', 'set', 'cache.sessionContexts.maxEntries', '1']);
  await site.run(['pause', runId]);
  const isAway = async (): Promise<boolean> => {
    const { entries, spilled, pinnedEntries } = await cacheOf(site, 'sessionContexts');
    return pinnedEntries === 0 && Number(entries) <= 1 && Number(spilled) >= 5;
  };
  await expect.poll(isAway, { timeout: 20_000 }).toBe(true);
  return { running, runId };
}

test('agents whose contexts were moved to the history while they were paused go on as if nothing had been', async () => {
  await using site = await createSite();
  await using server = await openCountingServer(50);
  const { running, runId } = await pauseWithSpilledContexts(site, await site.fleet('calling', toCallers(server.url)));
  await using _ = running;
  await site.run(['resume', runId]);
  const { code, stdout } = await running.ended;
  const finished = only(linesOf(stdout), 'run.finished');
  expect([code, finished]).toMatchObject([
    0,
    { state: 'done', failed: 0, toolCalls: 6 * CALLS, lost: 0, duplicated: 0 },
  ]);
  expect(server.count).toBe(6 * CALLS);
});

test('a run that is killed while contexts of its agents are in the history is resumed from its records', async () => {
  await using site = await createSite();
  await using server = await openCountingServer(50);
  const { running, runId } = await pauseWithSpilledContexts(site, await site.fleet('calling', toCallers(server.url)));
  running.kill('SIGKILL');
  await running.ended;
  const { code, lines } = await site.run(['run', '--resume', runId]);
  const finished = only(lines, 'run.finished');
  expect([code, finished]).toMatchObject([
    0,
    { state: 'done', failed: 0, toolCalls: 6 * CALLS, lost: 0, duplicated: 0 },
  ]);
  expect(server.count).toBe(6 * CALLS);
});
