import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSettings, type SettingsOptions } from '../../../main/settings/open-settings.ts';
import type { Settings } from '../../../main/settings/settings.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { manualClock } from '../../support/manual-clock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

function open(options: Partial<SettingsOptions> = {}): Promise<Settings> {
  return openSettings({
    dataDir,
    environment: {},
    clock: manualClock(),
    machine: { cores: 4, memoryBytes: 2 ** 33 },
    ...options,
  });
}

async function fileText(name: string): Promise<string> {
  return readFile(join(dataDir, name), 'utf8').catch(() => '');
}

test('a stronger layer hides a weaker one, and the source is shown', async () => {
  await writeFile(join(dataDir, 'settings.json'), '{"cpu.maxWorkers": 5, "io.maxRunning": 5, "process.maxRunning": 5}');
  const settings = await open({
    environment: { FLOTILLA_IO_MAX_RUNNING: '6', FLOTILLA_PROCESS_MAX_RUNNING: '6', PATH: 'x' },
    commandLine: { 'process.maxRunning': '7' },
  });
  const shown = ['cpu.queueCapacity', 'cpu.maxWorkers', 'io.maxRunning', 'process.maxRunning'].map((key) => {
    const { wanted, source } = settings.get(key);
    return [wanted, source];
  });
  expect(shown).toEqual([
    [10_000, 'default'],
    [5, 'file'],
    [6, 'environment'],
    [7, 'command line'],
  ]);
});

test('a change is applied, kept for the next start, and audited', async () => {
  const settings = await open();
  const seen: unknown[] = [];
  settings.onChange((values, keys) => void seen.push([values['cpu.maxWorkers'], keys]));
  const { changes } = await settings.set({ 'cpu.maxWorkers': '3' }, 'me');
  expect(changes).toMatchObject([{ version: 1, key: 'cpu.maxWorkers', from: 4, to: 3, by: 'me' }]);
  expect(seen).toEqual([[3, ['cpu.maxWorkers']]]);
  expect(settings.values()['cpu.maxWorkers']).toBe(3);
  const next = await open();
  expect(next.get('cpu.maxWorkers')).toMatchObject({ wanted: 3, effective: 3, source: 'file', default: 4 });
  expect(next.history(10)).toEqual(changes);
  expect(next.version).toBe(1);
});

test('a listener that refuses takes everything back, also from listeners that had agreed', async () => {
  const settings = await open();
  const applied: number[] = [];
  settings.onChange((values) => void applied.push(values['cpu.maxWorkers']));
  settings.onChange((values) => {
    if (values['cpu.maxWorkers'] === 3) throw new AppError('SETTING_INVALID', 'not now');
  });
  await expect(settings.set({ 'cpu.maxWorkers': 3 }, 'me')).rejects.toMatchObject({ message: 'not now' });
  expect(applied).toEqual([3, 4]);
  expect(settings.get('cpu.maxWorkers')).toMatchObject({ wanted: 4, effective: 4, source: 'default' });
  expect(await fileText('settings.json')).toBe('');
  expect(settings.history(10)).toEqual([]);
});

test('a change that cannot be written is taken back where it was applied', async () => {
  const settings = await open();
  const applied: number[] = [];
  settings.onChange((values) => void applied.push(values['cpu.maxWorkers']));
  // Without its folder no file can be written, by no user, root as well.
  await rm(dataDir, { recursive: true });
  await expect(settings.set({ 'cpu.maxWorkers': 3 }, 'me')).rejects.toMatchObject({ code: 'DATA_DIR_READ_ONLY' });
  expect(applied).toEqual([3, 4]);
  expect(settings.get('cpu.maxWorkers')).toMatchObject({ wanted: 4, effective: 4 });
});

test('undo takes back one change after the other, and puts the file back as it was', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  await settings.set({ 'io.maxRunning': 9 }, 'me');
  await settings.set({ 'cpu.maxWorkers': 2 }, 'me');
  const wanted = (): unknown[] => [settings.get('cpu.maxWorkers').wanted, settings.get('io.maxRunning').wanted];
  await settings.undo('me');
  expect(wanted()).toEqual([3, 9]);
  await settings.undo('me');
  expect(wanted()).toEqual([3, 256]);
  const { changes } = await settings.undo('me');
  expect(wanted()).toEqual([4, 256]);
  expect(changes).toMatchObject([{ version: 6, from: 3, to: 4, undoes: 1 }]);
  expect(settings.get('cpu.maxWorkers').source).toBe('default');
  expect(JSON.parse(await fileText('settings.json'))).toEqual({});
  await expect(settings.undo('me')).rejects.toMatchObject({ code: 'SETTING_INVALID' });
});

test('setting what is wanted already changes nothing and records nothing', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  expect((await settings.set({ 'cpu.maxWorkers': 3 }, 'me')).changes).toEqual([]);
  expect(settings.history(10)).toHaveLength(1);
});

test('a setting that applies at a restart is wanted at once and effective with the next start', async () => {
  const settings = await open();
  let calls = 0;
  settings.onChange(() => void calls++);
  await settings.set({ 'history.flushMs': 20 }, 'me');
  expect(settings.get('history.flushMs')).toMatchObject({ wanted: 20, effective: 50, applies: 'restart' });
  expect(calls).toBe(0);
  expect((await open()).get('history.flushMs').effective).toBe(20);
});

test('a live change wins over the environment and says what will hide it at the next start', async () => {
  const environment = { FLOTILLA_CPU_MAX_WORKERS: '6' };
  const settings = await open({ environment });
  const { settings: shown, hiddenBy } = await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  expect(shown).toMatchObject([{ wanted: 3, source: 'screen' }]);
  expect(hiddenBy).toEqual(['FLOTILLA_CPU_MAX_WORKERS']);
  expect((await open({ environment })).get('cpu.maxWorkers')).toMatchObject({ wanted: 6, source: 'environment' });
  expect((await open()).get('cpu.maxWorkers')).toMatchObject({ wanted: 3, source: 'file' });
});

test('two changes at once are made one after the other', async () => {
  const settings = await open();
  let running = 0;
  settings.onChange(async () => {
    expect(++running).toBe(1);
    await Promise.resolve();
    running--;
  });
  await Promise.all([2, 3, 1].map((value) => settings.set({ 'cpu.maxWorkers': value }, 'me')));
  expect(settings.history(10).map(({ from, to }) => [from, to])).toEqual([
    [3, 1],
    [2, 3],
    [4, 2],
  ]);
});

test('values that would contradict each other are refused and nothing changes', async () => {
  const settings = await open();
  await expect(settings.set({ 'provider.retryBaseMs': '60s' }, 'me')).rejects.toMatchObject({
    code: 'SETTING_INVALID',
  });
  expect(settings.get('provider.retryBaseMs').wanted).toBe(250);
  expect(await readdir(dataDir)).toEqual([]);
});

test.each([
  ['a key that is none', '{"cpu.maxWorkrs": 3}', 'SETTING_UNKNOWN', /did you mean "cpu.maxWorkers"/],
  ['a value out of bounds', '{"cpu.maxWorkers": 0}', 'SETTING_INVALID', /between 1 and 64/],
  ['text that is no JSON', '{"cpu.maxWorkers": ', 'SETTING_INVALID', /correct it or delete it/],
  ['a list', '[]', 'SETTING_INVALID', /correct it or delete it/],
  ['a prototype', '{"__proto__": {"cpu.maxWorkers": 3}}', 'SETTING_UNKNOWN', /__proto__/],
])('a settings file with %s is refused by its name', async (_what, text, code, sentence) => {
  await writeFile(join(dataDir, 'settings.json'), text);
  const error = await open().catch((error: unknown) => error);
  expect(error).toMatchObject({ code });
  expect((error as AppError).message).toMatch(sentence);
  expect((error as AppError).message).toContain('settings.json');
});

test('an environment variable that begins like a setting and is none is refused by its name', async () => {
  await expect(open({ environment: { FLOTILLA_CPU_MAX_WORKRS: '3' } })).rejects.toMatchObject({
    code: 'SETTING_UNKNOWN',
    message: expect.stringContaining('FLOTILLA_CPU_MAX_WORKRS') as string,
  });
  await expect(open({ environment: { FLOTILLA_CPU_MAX_WORKERS: 'many' } })).rejects.toMatchObject({
    code: 'SETTING_INVALID',
    message: expect.stringContaining('FLOTILLA_CPU_MAX_WORKERS') as string,
  });
  expect((await open({ environment: { FLOTILLA_OWNER: 'x', FLOTILLA_CPU_MAX_WORKERS: '' } })).version).toBe(0);
});

test('the last line of the audit that a crash cut short is left out and the next change starts a new one', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  const path = join(dataDir, 'settings-history.jsonl');
  await writeFile(path, `${await readFile(path, 'utf8')}{"version":2,"key":"cpu.max`);
  const next = await open();
  expect(next.history(10)).toHaveLength(1);
  await next.set({ 'cpu.maxWorkers': 2 }, 'me');
  expect((await open()).history(10).map(({ to }) => to)).toEqual([2, 3]);
});

test('what is written is for this user only', async () => {
  await chmod(dataDir, 0o755);
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  const names = await readdir(dataDir);
  const open077 = await Promise.all(names.map(async (name) => (await stat(join(dataDir, name))).mode & 0o077));
  expect(Object.fromEntries(names.map((name, at) => [name, open077[at]]))).toEqual({
    'settings.json': 0,
    'settings-history.jsonl': 0,
  });
});
