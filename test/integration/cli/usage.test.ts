import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createPlace, flotilla, linesOf, start } from './command-line.ts';

const TRACE = /^\s+at .+[:(]\d+|node:internal|UnhandledPromise/m;

test.each([
  [['rnu', 'x'], 'flotilla run'],
  [['settings', 'sett', 'a'], 'flotilla settings set KEY VALUE'],
  [['settings', 'set', 'cpu.maxWorkers'], 'flotilla settings set KEY VALUE'],
  [['settings'], 'flotilla settings list'],
  [['run', '--jsn'], '--json'],
  [['stop'], 'flotilla stop'],
  [['stop', '--all', '--deadline-ms', 'soon'], 'flotilla stop'],
  [['pause'], 'flotilla pause RUN'],
  [['status', 'now'], 'flotilla status'],
  [[], 'flotilla run FILE'],
  [['--json', 'status'], 'flotilla run --json'],
])('%j is answered with one sentence that names %j, and exit 3', async (args, way) => {
  const { code, stdout, stderr } = await flotilla(args);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(way);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('help and version are answers, not failures', async () => {
  const [help, version] = await Promise.all([flotilla(['--help']), flotilla(['--version'])]);
  expect([help.code, help.stderr, version.code]).toEqual([0, '', 0]);
  for (const command of ['run', 'pause', 'resume', 'stop', 'validate', 'simulate', 'settings', 'status']) {
    expect(help.stdout).toContain(`  ${command}`);
  }
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a run that nobody knows, an id that is none and a fleet that is not there are wrong input', async () => {
  await using place = await createPlace();
  const there = ['--data-dir', place.dataDir];
  for (const args of [
    ['stop', '01ARZ3NDEKTSV4RRFFQ69G5FAV', ...there],
    ['pause', 'no-id', ...there],
    ['run', join(place.dataDir, 'none.yaml'), ...there],
    ['run', '--resume', '01ARZ3NDEKTSV4RRFFQ69G5FAV', ...there],
    ['run', '--only', 'failed', ...there],
    ['run', '--set', 'x', ...there],
    ['run', '--setting', 'cpu.maxWorkrs=3', ...there],
    ['settings', 'get', 'cpu.maxWorkrs', ...there],
  ]) {
    const { code, stdout, stderr } = await flotilla(args);
    expect([args.slice(0, 2), code, stdout]).toEqual([args.slice(0, 2), 3, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(TRACE);
  }
});

test('every mistake of a fleet file is named with its place before anything starts', async () => {
  await using place = await createPlace();
  const path = await place.fleet('wrong', [{ name: 'a', command: ['true'] }], 'limitz: {}\nbudget: { usd: -1 }\n');
  const { code, stdout, stderr } = await flotilla(['run', path, '--json', '--data-dir', place.dataDir]);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('wrong.yaml:5:1');
  expect(stderr).toContain('limits');
  expect(stderr).toContain('wrong.yaml:6:');
  expect(stderr).not.toMatch(TRACE);
});

test('a data directory that cannot be one is a wrong environment, with the way out', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('quick', [{ name: 'a', command: ['true'] }]);
  await writeFile(place.dataDir, 'a file');
  for (const args of [
    ['run', fleet],
    ['settings', 'set', 'cpu.maxWorkers', '3'],
  ]) {
    const { code, stdout, stderr } = await flotilla([...args, '--data-dir', place.dataDir]);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('--data-dir');
    expect(stderr).not.toMatch(TRACE);
  }
});

test('reading settings creates nothing', async () => {
  await using place = await createPlace();
  const { code, stdout } = await flotilla(['settings', 'list', '--json', '--data-dir', place.dataDir]);
  expect(code).toBe(0);
  expect(linesOf(stdout).every((line) => line.type === 'setting' && 'unit' in line && 'source' in line)).toBe(true);
  const again = await flotilla(['status', '--json', '--data-dir', join(dirname(place.dataDir), 'other')]);
  expect([again.code, again.stdout]).toEqual([0, '']);
  const { readdir } = await import('node:fs/promises');
  expect(await readdir(dirname(place.dataDir))).toEqual([]);
});

test('settings are set, kept, shown in the history and taken back', async () => {
  await using place = await createPlace();
  const settings = (...args: string[]) => flotilla(['settings', ...args, '--json', '--data-dir', place.dataDir]);
  expect((await settings('set', 'io.maxRunning', '77')).code).toBe(0);
  expect(linesOf((await settings('get', 'io.maxRunning')).stdout)).toMatchObject([{ wanted: 77, source: 'file' }]);
  expect(linesOf((await settings('history')).stdout)).toMatchObject([
    { type: 'change', key: 'io.maxRunning', from: 256, to: 77 },
  ]);
  expect((await settings('undo')).code).toBe(0);
  expect(linesOf((await settings('get', 'io.maxRunning')).stdout)).toMatchObject([{ wanted: 256, source: 'default' }]);
  expect((await settings('undo')).code).toBe(3);
});

test('many changes from many terminals at once are all made', async () => {
  await using place = await createPlace();
  const keys = ['io.maxRunning', 'cpu.queueCapacity', 'process.maxRunning', 'tools.timeoutMs'];
  const set = (key: string) => flotilla(['settings', 'set', key, '500', '--data-dir', place.dataDir]);
  const codes = (await Promise.all(keys.map(set))).map(({ code }) => code);
  expect(codes).toEqual([0, 0, 0, 0]);
  const { stdout } = await flotilla(['settings', 'history', '--json', '--data-dir', place.dataDir]);
  expect(linesOf(stdout).map((line) => line['key'])).toEqual(expect.arrayContaining(keys));
  expect(new Set(linesOf(stdout).map((line) => line['version'])).size).toBe(keys.length);
});

test('a command whose reader closes the pipe ends quietly', async () => {
  await using place = await createPlace();
  await using running = start(['settings', 'list', '--json', '--data-dir', place.dataDir]);
  running.closeOutput();
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([0, '']);
});
