import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openForWriting } from '../../main/history/store/database.ts';
import { flotilla } from '../integration/cli/command-line.ts';
import { makeReadOnly, mount } from '../support/mounts.ts';
import { createSite, endOf, refusal, TRACE, runIdOf, type Site } from '../support/program.ts';

const TEN_THOUSAND = fileURLToPath(new URL('../../examples/ten-thousand-calls.yaml', import.meta.url));
const QUICK = 'agents: [{ kind: command, name: quick, command: [cat], promptBy: stdin, prompt: go }]\n';
const WRONG_SURROUNDINGS = 4;
const MIB = 2 ** 20;

/** Room left on the small disk: enough to begin, not enough for 10,000 calls. */
const ROOM_BYTES = 4 * MIB;
const DISK_BYTES = 48 * MIB;

test('a disk that fills pauses the run with a sentence, and the run goes on without a loss when there is room', async ({
  skip,
}) => {
  await using site = await createSite();
  await mkdir(site.dataDir);
  using disk = mount(site.dataDir, '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs');
  skip(disk === undefined, 'This machine does not let the test mount a small disk.');
  const ballast = join(site.dataDir, 'ballast');
  await writeFile(ballast, Buffer.alloc(DISK_BYTES - ROOM_BYTES));
  await using running = site.start(['run', TEN_THOUSAND]);
  await running.says('The run is paused: The disk with');
  await running.says('"state":"paused"');
  const runId = await runIdOf(running);
  expect((await site.run(['status'])).lines).toContainEqual(
    expect.objectContaining({ type: 'run', runId, state: 'paused' }),
  );
  await rm(ballast);
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toContain('free some space');
  expect(stderr).toContain('The run goes on.');
  expect(stderr).not.toMatch(TRACE);
  expect(code).toBe(0);
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as object;
  expect(last).toMatchObject({ type: 'run.finished', state: 'done', toolCalls: 10_000, lost: 0, duplicated: 0 });
  expect((await site.run(['history', 'verify'])).lines).toMatchObject([{ ok: true }]);
});

test('a disk without any room is refused at the start', async ({ skip }) => {
  await using site = await createSite();
  await mkdir(site.dataDir);
  using disk = mount(site.dataDir, '-t', 'tmpfs', '-o', `size=${MIB}`, 'tmpfs');
  skip(disk === undefined, 'This machine does not let the test mount a small disk.');
  await writeFile(join(site.dataDir, 'ballast'), Buffer.alloc(MIB)).catch(() => undefined);
  const ended = await site.run(['run', await site.fleet('quick', QUICK)]);
  expect(endOf(ended)).toEqual(refusal({ code: WRONG_SURROUNDINGS, way: /free some space/ }));
});

test('a data directory that may only be read is refused, for a run as for its history', async ({ skip }) => {
  await using site = await createSite();
  const fleet = await site.fleet('quick', QUICK);
  await site.run(['run', fleet]);
  using bound = mount(site.dataDir, '--bind', site.dataDir);
  skip(bound === undefined, 'This machine does not let the test mount.');
  makeReadOnly(site.dataDir);
  expect(endOf(await site.run(['run', fleet]))).toEqual(refusal({ code: WRONG_SURROUNDINGS, way: '--data-dir DIR' }));
  const listed = await site.run(['history', 'list']);
  expect(endOf(listed)).toEqual(refusal({ code: WRONG_SURROUNDINGS, way: '--data-dir' }));
});

test.each([
  ['below a file', (site: Site) => join(site.folder, 'quick.yaml', 'data')],
  ['where nothing can be made', () => '/proc/flotilla/data'],
  ['with a name that is too long', (site: Site) => join(site.folder, 'x'.repeat(300))],
])('a data directory %s is refused', async (_, place) => {
  await using site = await createSite();
  const fleet = await site.fleet('quick', QUICK);
  const ended = await flotilla(['run', fleet, '--json', '--data-dir', place(site)]);
  expect(endOf(ended)).toEqual(refusal({ code: WRONG_SURROUNDINGS, way: '--data-dir DIR' }));
});

test('a data directory whose path is too long for a socket serves all the same', async () => {
  await using site = await createSite();
  const fleet = await site.fleet('quick', QUICK);
  const dataDir = join(site.folder, 'd'.repeat(120), 'e'.repeat(120));
  expect((await flotilla(['run', fleet, '--json', '--data-dir', dataDir])).code).toBe(0);
});

test('a database that another program holds is refused', async () => {
  await using site = await createSite();
  const holder = openForWriting(site.dataDir);
  holder.exec('BEGIN EXCLUSIVE');
  const ended = await site.run(['run', await site.fleet('quick', QUICK)]);
  expect(endOf(ended)).toEqual(
    refusal({ code: WRONG_SURROUNDINGS, way: /Another program holds the history database/ }),
  );
  holder.close();
});

test('a file that is no database is refused and stays as it is', async () => {
  await using site = await createSite();
  const path = join(site.dataDir, 'history.sqlite');
  await mkdir(site.dataDir);
  const garbage = Buffer.alloc(10_000, 'not a database ');
  await writeFile(path, garbage);
  const fleet = await site.fleet('quick', QUICK);
  for (const args of [
    ['run', fleet],
    ['history', 'list'],
    ['history', 'verify'],
  ]) {
    expect(endOf(await site.run(args))).toEqual(
      refusal({ code: WRONG_SURROUNDINGS, way: /damaged; move history\.sqlite away/ }),
    );
  }
  expect((await readFile(path)).equals(garbage)).toBe(true);
});

test('a database that a newer program wrote is refused and stays as it is', async () => {
  await using site = await createSite();
  const newer = openForWriting(site.dataDir);
  newer.pragma('user_version = 1000');
  newer.close();
  const fleet = await site.fleet('quick', QUICK);
  for (const args of [
    ['run', fleet],
    ['history', 'list'],
  ]) {
    expect(endOf(await site.run(args))).toEqual(
      refusal({ code: WRONG_SURROUNDINGS, way: /written by a newer Flotilla/ }),
    );
  }
});
