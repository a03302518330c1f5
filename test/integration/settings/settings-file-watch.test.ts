import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSettings } from '../../../main/settings/open-settings.ts';
import type { Settings } from '../../../main/settings/settings.ts';
import { systemClock } from '../../../runtime/time/clock.ts';

let dataDir: string;
let path: string;
let settings: Settings;
let problems: (string | undefined)[];
let watching: Disposable;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'settings-'));
  path = join(dataDir, 'settings.json');
  problems = [];
  settings = await openSettings({ dataDir, environment: {}, clock: systemClock });
  watching = settings.watchFile((problem) => void problems.push(problem));
});
afterEach(async () => {
  watching[Symbol.dispose]();
  await rm(dataDir, { recursive: true, force: true });
});

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

/** As most editors save: beside the file, then in its place. */
async function saveAsEditor(text: string): Promise<void> {
  await writeFile(`${path}.swp`, text);
  await rename(`${path}.swp`, path);
}

test('an edit of the file is in force without a restart, as a change by the file that can be taken back', async () => {
  const seen: unknown[] = [];
  settings.onChange((values, keys) => void seen.push([keys, values['io.maxRunning'], values['tools.timeoutMs']]));
  await saveAsEditor('{"io.maxRunning": 7, "tools.timeoutMs": 5000}');
  await eventually(() => expect(settings.history(10).map(({ by }) => by)).toEqual(['file', 'file']));
  expect(settings.values()).toMatchObject({ 'io.maxRunning': 7, 'tools.timeoutMs': 5_000 });
  expect(seen).toEqual([[['io.maxRunning', 'tools.timeoutMs'], 7, 5_000]]);
  await settings.undo('me');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({});
});

test('an edit in place and the removal of the file are seen too', async () => {
  await writeFile(path, '{"io.maxRunning": 7}');
  await eventually(() => expect(settings.values()['io.maxRunning']).toBe(7));
  await rm(path);
  await eventually(() => expect(settings.values()['io.maxRunning']).toBe(256));
});

test('a bad edit changes nothing, is told once, and the next good one is in force', async () => {
  await settings.set({ 'io.maxRunning': 9 }, 'me');
  await saveAsEditor('{"io.maxRunning": 10, "cpu.maxWorkrs": 3}');
  await eventually(() => expect(problems).toEqual([expect.stringContaining('did you mean "cpu.maxWorkers"')]));
  expect(settings.values()['io.maxRunning']).toBe(9);
  expect(settings.fileProblem).toContain('cpu.maxWorkrs');
  await saveAsEditor('{"io.maxRunning": 10, "cpu.maxWorkers": 3}');
  await eventually(() => expect(settings.values()).toMatchObject({ 'io.maxRunning': 10, 'cpu.maxWorkers': 3 }));
  await eventually(() => expect(problems).toHaveLength(2));
  expect(problems[1]).toBeUndefined();
});
