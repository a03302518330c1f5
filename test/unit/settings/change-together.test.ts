import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSettings } from '../../../main/settings/open-settings.ts';
import type { Settings } from '../../../main/settings/settings.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { BUILT_IN_PRESETS } from '../../../shared/settings/presets.ts';
import { defaultSettings } from '../../../shared/settings/settings.ts';
import { checkSettings } from '../../../shared/settings/setting-rules.ts';
import { parseSettingValue } from '../../../shared/settings/setting-value.ts';
import { manualClock } from '../../support/manual-clock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const machine = { cores: 4, memoryBytes: 2 ** 33 };

function open(): Promise<Settings> {
  return openSettings({ dataDir, environment: {}, clock: manualClock(), machine });
}

async function fileValues(): Promise<unknown> {
  return JSON.parse(await readFile(join(dataDir, 'settings.json'), 'utf8'));
}

function edit(text: string): Promise<void> {
  return writeFile(join(dataDir, 'settings.json'), text);
}

test('settings that are changed together are applied once, audited as a group and taken back together', async () => {
  const settings = await open();
  const seen: unknown[] = [];
  settings.onChange((values, keys) => void seen.push([keys, values['io.maxRunning'], values['cpu.maxWorkers']]));
  const { changes } = await settings.set({ 'io.maxRunning': 9, 'cpu.maxWorkers': '3' }, 'me');
  expect(seen).toEqual([[['io.maxRunning', 'cpu.maxWorkers'], 9, 3]]);
  expect(changes.map(({ key, version, group }) => [key, version, group])).toEqual([
    ['io.maxRunning', 1, 1],
    ['cpu.maxWorkers', 2, 1],
  ]);
  await settings.set({ 'tools.timeoutMs': 5_000 }, 'me');
  const undone = await settings.undo('me', 1);
  expect(undone.changes.map(({ key, to, undoes }) => [key, to, undoes])).toEqual([
    ['io.maxRunning', 256, 1],
    ['cpu.maxWorkers', 4, 2],
  ]);
  expect(await fileValues()).toEqual({ 'tools.timeoutMs': 5_000 });
  await expect(settings.undo('me', 2)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  await settings.undo('me');
  expect(await fileValues()).toEqual({});
});

test('two values that hold only together can be set together, and one of them alone is refused', async () => {
  const settings = await open();
  const together = { 'provider.retryBaseMs': 60_000, 'provider.retryMaxMs': 120_000 };
  await expect(settings.set({ 'provider.retryBaseMs': 60_000 }, 'me')).rejects.toMatchObject({
    code: 'SETTING_INVALID',
  });
  await settings.set(together, 'me');
  expect(settings.values()).toMatchObject(together);
});

test('a listener that refuses takes back all of a group, and what was right in it too', async () => {
  const settings = await open();
  const applied: unknown[] = [];
  settings.onChange((values) => void applied.push([values['io.maxRunning'], values['cpu.maxWorkers']]));
  settings.onChange(() => {
    throw new AppError('SETTING_INVALID', 'not now');
  });
  await expect(settings.set({ 'io.maxRunning': 9, 'cpu.maxWorkers': 3 }, 'me')).rejects.toMatchObject({
    message: 'not now',
  });
  expect(applied).toEqual([
    [9, 3],
    [256, 4],
  ]);
  expect(settings.history(10)).toEqual([]);
});

test('null puts a setting back to its default', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3, 'io.maxRunning': 9 }, 'me');
  await settings.set({ 'cpu.maxWorkers': null }, 'me');
  expect(settings.get('cpu.maxWorkers')).toMatchObject({ wanted: 4, source: 'default' });
  expect(await fileValues()).toEqual({ 'io.maxRunning': 9 });
});

test('a change while the file was edited by hand keeps the edit, as a change by the file', async () => {
  const settings = await open();
  await edit('{"io.maxRunning": 7}');
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  expect(await fileValues()).toEqual({ 'cpu.maxWorkers': 3, 'io.maxRunning': 7 });
  expect(settings.values()).toMatchObject({ 'cpu.maxWorkers': 3, 'io.maxRunning': 7 });
  expect(settings.history(10).map(({ key, by }) => [key, by])).toEqual([
    ['cpu.maxWorkers', 'me'],
    ['io.maxRunning', 'file'],
  ]);
});

test.each([
  ['a value out of bounds', '{"cpu.maxWorkers": 65}', /between 1 and 64/],
  ['text that is no JSON', '{"cpu.maxWorkers": ', /correct it or delete it/],
  ['values that contradict each other', '{"provider.retryBaseMs": 60000}', /must be at most/],
])(
  'a change over a file edited to hold %s is refused, says why and leaves the edit alone',
  async (_what, text, why) => {
    const settings = await open();
    await settings.set({ 'io.maxRunning': 9 }, 'me');
    await edit(text);
    await expect(settings.set({ 'cpu.maxWorkers': 3 }, 'me')).rejects.toMatchObject({
      code: 'SETTING_INVALID',
      message: expect.stringMatching(why) as string,
    });
    expect(settings.fileProblem).toMatch(why);
    expect(settings.values()).toMatchObject({ 'io.maxRunning': 9, 'cpu.maxWorkers': 4, 'provider.retryBaseMs': 250 });
    expect(await readFile(join(dataDir, 'settings.json'), 'utf8')).toBe(text);
    await edit('{"io.maxRunning": 9}');
    await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
    expect(settings.fileProblem).toBeUndefined();
  },
);

test('the built-in presets name the same settings, and each is right on a small and on a large machine', () => {
  for (const facts of [
    { cores: 1, memoryBytes: 2 ** 31 },
    { cores: 256, memoryBytes: 2 ** 40 },
  ]) {
    const named = BUILT_IN_PRESETS.map(({ values }) => values(facts));
    expect(new Set(named.map((values) => Object.keys(values).toSorted().join())).size).toBe(1);
    for (const values of named) {
      for (const [key, value] of Object.entries(values))
        expect(parseSettingValue(key as keyof typeof values, value)).toBe(value);
      checkSettings({ ...defaultSettings(facts), ...values });
    }
  }
});

test('a preset is shown before it is taken, taken as one change and taken back as one', async () => {
  const settings = await open();
  const laptop = (await settings.presets()).find(({ name }) => name === 'laptop');
  expect(laptop?.changes).toContainEqual({ key: 'cpu.maxWorkers', from: 4, to: 2 });
  const { changes } = await settings.applyPreset('laptop', 'me');
  expect(changes.map(({ key, from, to }) => ({ key, from, to }))).toEqual(laptop?.changes);
  expect((await settings.presets()).find(({ name }) => name === 'laptop')?.changes).toEqual([]);
  await settings.undo('me');
  expect(await fileValues()).toEqual({});
  await expect(settings.applyPreset('laptpo', 'me')).rejects.toMatchObject({
    message: expect.stringContaining('did you mean "laptop"') as string,
  });
});

test('a preset leaves alone what is as it says already, so that an undo leaves nothing of it behind', async () => {
  const settings = await open();
  const { changes } = await settings.applyPreset('workstation', 'me');
  expect(changes.map(({ key }) => key)).not.toContain('cpu.maxWorkers');
  expect(await fileValues()).not.toHaveProperty(['cpu.maxWorkers']);
  await settings.undo('me');
  expect(await fileValues()).toEqual({});
});

test('a default that was set by name can be taken back', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 4 }, 'me');
  expect(await fileValues()).toEqual({ 'cpu.maxWorkers': 4 });
  await settings.undo('me');
  expect(await fileValues()).toEqual({});
});

test('a preset that was saved puts back everything as it was, and can be removed', async () => {
  const settings = await open();
  await settings.set({ 'cpu.maxWorkers': 3 }, 'me');
  await settings.savePreset('mine');
  await settings.set({ 'cpu.maxWorkers': 2, 'io.maxRunning': 9 }, 'me');
  await settings.applyPreset('mine', 'me');
  expect(await fileValues()).toEqual({ 'cpu.maxWorkers': 3 });
  const next = await open();
  expect((await next.presets()).find(({ name }) => name === 'mine')).toMatchObject({ isOwn: true, changes: [] });
  await next.removePreset('mine');
  await expect(next.removePreset('mine')).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  await expect(next.savePreset('laptop')).rejects.toMatchObject({ code: 'SETTING_INVALID' });
});

test('a saved preset whose value is out of bounds by now is refused and changes nothing', async () => {
  const settings = await open();
  const saved = { mine: { 'cpu.maxWorkers': 1_000, 'io.maxRunning': 9, 'gone.setting': 1 } };
  await writeFile(join(dataDir, 'settings-presets.json'), JSON.stringify(saved));
  await expect(settings.applyPreset('mine', 'me')).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  expect(settings.values()).toMatchObject({ 'cpu.maxWorkers': 4, 'io.maxRunning': 256 });
});

test('while a change is on its way the old value is effective and how much is left is shown', async () => {
  const settings = await open();
  let left = 3;
  using _shown = settings.showRollout((key) =>
    key === 'cpu.maxWorkers' && left > 0 ? { effective: 4, left, total: 4 } : undefined,
  );
  await settings.set({ 'cpu.maxWorkers': 2 }, 'me');
  expect(settings.get('cpu.maxWorkers')).toMatchObject({ wanted: 2, effective: 4, draining: { left: 3, total: 4 } });
  left = 0;
  expect(settings.get('cpu.maxWorkers')).toMatchObject({ wanted: 2, effective: 2 });
  expect(settings.get('cpu.maxWorkers').draining).toBeUndefined();
});
